"""Tests run in replay, without keys, and cannot leave this machine."""

from __future__ import annotations

import functools
import os
import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.testing.notebooks import ROOT
from helpers.testing.offline import SETTINGS, NetworkUsed, is_local, is_private, sealed
from tests.testing.inner import COMMAND

OUTSIDE = "192.0.2.1"  # reserved for documentation (RFC 5737)


def test_this_run_replays_strictly() -> None:
    assert (os.environ["TUTORIAL_MODE"], os.environ["TUTORIAL_STRICT"]) == ("replay", "1")


def test_no_key_is_in_the_environment() -> None:
    known = set(os.environ) - SETTINGS.keys() - {"TUTORIAL_PROGRESS"}  # a file of this run's
    assert [name for name in known if is_private(name) and "PYTEST" not in name] == []


@pytest.mark.parametrize(
    "name",
    ["OPENAI_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_PROJECT", "LITELLM_MASTER_KEY", "HF_TOKEN"]
    + ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "https_proxy", "LANGSMITH_ENDPOINT"],
)
def test_a_variable_that_decides_where_calls_go_is_hidden(name: str) -> None:
    assert is_private(name)


@pytest.mark.parametrize("name", ["PATH", "HOME", "NO_PROXY", "VIRTUAL_ENV", "SSL_CERT_FILE"])
def test_other_variables_stay(name: str) -> None:
    assert not is_private(name)


@pytest.mark.parametrize("mode", ["", "auto", "replay"])
def test_a_run_replays_unless_another_mode_is_asked_for(mode: str) -> None:
    assert sealed({"TUTORIAL_MODE": mode})


@pytest.mark.parametrize("mode", ["live", "local", "record"])
def test_another_mode_is_respected(mode: str) -> None:
    assert not sealed({"TUTORIAL_MODE": mode})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", None, b"127.0.0.1"])
def test_loopback_is_local(host: str | bytes | None) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", [OUTSIDE, "10.0.0.1", "example.org", "2001:db8::1"])
def test_everything_else_is_not(host: str) -> None:
    assert not is_local(host)


def test_a_connection_outside_is_refused_with_the_way_out() -> None:
    with socket.socket() as client, pytest.raises(NetworkUsed, match="TUTORIAL_MODE=live"):
        client.connect((OUTSIDE, 443))


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(NetworkUsed, match=r"example\.org"):
        httpx.get("http://example.org")


def test_loopback_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


SHOW = """
import os

def test_it():
    print("SEEN", os.environ.get("OPENAI_API_KEY"), os.environ.get("TUTORIAL_MODE"))
    print("PACE", os.environ.get("TUTORIAL_PACE"))
    print("LAG", os.environ.get("TUTORIAL_LAG"))
"""


OPTIONS = ["-p", "helpers.testing.options"]
# What a user's environment says and what the run is told; a run costs a second, so each has much.
RUNS: dict[str, tuple[list[str], dict[str, str]]] = {
    "as it is": (OPTIONS, {"TUTORIAL_MODE": "auto", "TUTORIAL_LAG": "5", "TUTORIAL_PACE": ""}),
    "told, with workers": (
        [*OPTIONS, "--lag=1", "-n1"],
        {"TUTORIAL_LAG": "5", "TUTORIAL_PACE": "1"},
    ),
    "live": ([], {"TUTORIAL_MODE": "live"}),
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """What a test of one of ``RUNS`` has seen of the environment."""

    @functools.cache
    def seen(which: str) -> str:
        options, environ = RUNS[which]
        folder = tmp_path_factory.mktemp("inner")
        (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
        plugin = 'pytest_plugins = ["helpers.testing.offline"]\n'
        (folder / "conftest.py").write_text(plugin, "utf-8")
        (folder / "test_inner.py").write_text(SHOW, "utf-8")
        done = subprocess.run(
            [*COMMAND, "-rP", *options, "-p", "no:nbval"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OPENAI_API_KEY": "not-a-real-one"}
            | environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return seen


@pytest.mark.parametrize("which", ["as it is", "told, with workers"])
def test_a_key_of_the_user_does_not_reach_a_test(seen: Callable[[str], str], which: str) -> None:
    assert "SEEN None replay" in seen(which)


def test_answers_come_at_once_unless_a_pace_is_asked_for(seen: Callable[[str], str]) -> None:
    assert "PACE 0\n" in seen("as it is")
    assert "PACE 1\n" in seen("told, with workers")


def test_live_runs_keep_their_keys(seen: Callable[[str], str]) -> None:
    assert "SEEN not-a-real-one live" in seen("live")


def test_a_lag_of_the_user_does_not_reach_a_test_and_that_of_the_option_does(
    seen: Callable[[str], str],
) -> None:
    assert "LAG None" in seen("as it is")
    assert "LAG 1" in seen("told, with workers")


def test_cells_run_only_after_a_first_cell_that_worked(tmp_path: Path) -> None:
    wrong = new_output("execute_result", data={"text/plain": "4"}, execution_count=1)
    for stem, first in (("01_fails", "1 / 0"), ("02_differs", "1 + 2")):
        cells = [new_code_cell(first, execution_count=1, outputs=[wrong])]
        cells += [new_code_cell("x = 1", execution_count=number) for number in (2, 3)]
        nbformat.write(new_notebook(cells=cells), tmp_path / f"{stem}.ipynb")
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["helpers.testing.offline"]\n')
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nbval-current-env --nbval\n")
    done = subprocess.run(
        [*COMMAND, "-rA"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "2 failed, 2 passed, 2 skipped" in done.stdout
    passed = re.findall(r"^PASSED (\S+)::", done.stdout, re.MULTILINE)
    assert passed == ["02_differs.ipynb"] * 2
