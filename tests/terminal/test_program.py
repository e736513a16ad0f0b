"""helpers.terminal.program: programs run from a notebook, and the ones that are not there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from helpers import terminal
from tests.terminal import fakes

PYTHON = sys.executable


def test_what_a_program_prints_is_shown_as_it_is() -> None:
    finished = terminal.run(PYTHON, "-c", "print('déjà'); print('vu')")
    assert (repr(finished), finished.text, finished.status) == ("déjà\nvu", "déjà\nvu", 0)


def test_an_error_is_shown_below_the_output() -> None:
    finished = terminal.run(PYTHON, "-c", "import sys; print('out'); sys.exit('went wrong')")
    assert (finished.text, finished.status) == ("out\nwent wrong", 1)


def test_a_program_gets_the_environment_of_the_kernel_and_what_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FROM_KERNEL", "1")
    code = "import os; print(os.environ['FROM_KERNEL'], os.environ['GIVEN'])"
    assert terminal.run(PYTHON, "-c", code, environment={"GIVEN": "2"}).text == "1 2"


def test_a_program_that_hangs_is_ended_with_a_mend() -> None:
    with pytest.raises(terminal.TerminalError, match="Is the proxy running"):
        terminal.run(PYTHON, "-c", "import time; time.sleep(60)", timeout=0.5)


@pytest.mark.usefixtures("path", "client")
@pytest.mark.parametrize(
    ("program", "said"), [("node", "Node.js 20 or newer is not"), ("curl", "curl is not installed")]
)
def test_a_missing_program_is_said_and_no_error(program: str, said: str) -> None:
    finished = terminal.run(program, "anything")
    assert finished.status is None
    assert repr(finished).startswith(said)
    assert repr(finished).endswith("The lesson goes on without it.")


@pytest.mark.usefixtures("path")
def test_what_to_install_is_nobodys_answer() -> None:
    finished = terminal.run("curl")
    with pytest.raises(terminal.TerminalError, match="curl is not installed here"):
        _ = finished.text


@pytest.mark.parametrize(("code", "kept"), [("pass", True), ("raise SystemExit(3)", False)])
def test_only_a_program_that_ended_well_counts_as_true(code: str, kept: bool) -> None:
    assert bool(terminal.run(PYTHON, "-c", code)) is kept


@pytest.mark.usefixtures("path")
def test_what_depends_on_a_missing_program_is_left_out() -> None:
    finished = terminal.run("curl")
    assert (finished and "what depends on it") is finished


def test_node_fetches_its_packages_first(path: Path, client: Path) -> None:
    fakes.program(path, "node", fakes.says("v20.0.0"))
    fakes.program(path, "npm", fakes.INSTALL)
    assert terminal.missing("node")
    assert terminal.run("node", "ask.mjs", "What?").text == "ask.mjs What?"
    assert terminal.missing("node") is None


def test_node_does_not_run_without_its_packages(path: Path, client: Path) -> None:
    fakes.program(path, "node", fakes.says("v20.0.0"))
    fakes.program(path, "npm", fakes.UNREACHED)
    finished = terminal.run("node", "ask.mjs")
    assert finished.status is None
    assert "could not be fetched" in repr(finished)


def test_asking_what_is_missing_fetches_nothing(path: Path, client: Path) -> None:
    fakes.program(path, "node", fakes.says("v20.0.0"))
    fakes.program(path, "npm", fakes.INSTALL)
    first = str(terminal.missing("node")).splitlines()[0]
    assert first.endswith("run in the repository's folder: python -m helpers.terminal")
    assert not (client / "node_modules").exists()


def test_nothing_is_missing_where_program_and_packages_are(path: Path, client: Path) -> None:
    fakes.program(path, "node", fakes.says("v20.0.0"))
    fakes.install(client)
    assert terminal.missing("node") is None
