"""helpers.terminal.packages: the npm packages of the client, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from helpers.terminal import packages
from helpers.terminal.node import Node
from tests.terminal import fakes

COUNT = (
    "import os\nopen(os.environ['CALLS'], 'a').write(' '.join(__import__('sys').argv[1:]) + '\\n')"
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file with a line for each run of the fake npm."""
    file = tmp_path / "calls"
    file.touch()
    monkeypatch.setenv("CALLS", str(file))
    return file


def npm(folder: Path, code: str) -> Node:
    """Return a Node whose npm runs ``code``, after it has noted the call."""
    script = folder / "npm.py"
    script.write_text(f"{COUNT}\n{code}", encoding="utf-8")
    return Node("node", (sys.executable, str(script)))


def left(client: Path) -> list[str]:
    """Return what is in the client's folder beside its own files."""
    return sorted(path.name for path in client.iterdir() if path.name not in packages.FILES)


@pytest.mark.usefixtures("calls")
def test_packages_are_fetched_and_nothing_else_is_left(client: Path, tmp_path: Path) -> None:
    assert packages.lacking() == ["openai", "langsmith"]
    packages.fetch(npm(tmp_path, fakes.INSTALL))
    assert packages.lacking() == []
    assert left(client) == ["node_modules"]


def test_nothing_runs_where_they_are(client: Path, calls: Path, tmp_path: Path) -> None:
    fakes.install(client)
    packages.fetch(npm(tmp_path, fakes.INSTALL))
    assert calls.read_text() == ""


def test_another_version_than_the_lock_files_is_replaced(
    client: Path, calls: Path, tmp_path: Path
) -> None:
    fakes.install(client)
    (client / "node_modules/openai/package.json").write_text('{"version": "5.0.0"}')
    (client / "node_modules/of-the-old-ones").mkdir()
    assert packages.lacking() == ["openai"]
    packages.fetch(npm(tmp_path, fakes.INSTALL))
    assert packages.lacking() == []
    assert sorted(path.name for path in (client / "node_modules").iterdir()) == [
        "langsmith",
        "openai",
    ]


def test_no_package_may_run_a_script_to_be_installed(
    client: Path, calls: Path, tmp_path: Path
) -> None:
    packages.fetch(npm(tmp_path, fakes.INSTALL))
    assert "ci --ignore-scripts" in calls.read_text()


@pytest.mark.usefixtures("client", "calls")
def test_npm_sees_no_key_of_the_model_or_of_langsmith(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("OPENAI_API_KEY", "LANGSMITH_API_KEY", "NPM_TOKEN"):
        monkeypatch.setenv(name, "any")
    seen = tmp_path / "seen"
    note = f"open({str(seen)!r}, 'w').write(' '.join(os.environ))\n"
    packages.fetch(npm(tmp_path, note + fakes.INSTALL))
    names = seen.read_text().split()
    assert "NPM_TOKEN" in names
    assert not {"OPENAI_API_KEY", "LANGSMITH_API_KEY"} & set(names)


@pytest.mark.usefixtures("calls")
def test_an_unreached_registry_is_said_without_its_address(client: Path, tmp_path: Path) -> None:
    with pytest.raises(packages.PackagesError) as error:
        packages.fetch(npm(tmp_path, fakes.UNREACHED))
    assert "openai and langsmith are not installed" in str(error.value)
    assert "cannot be reached from here (ENOTFOUND)" in str(error.value)
    assert "registry.test" not in str(error.value)
    assert left(client) == []


@pytest.mark.usefixtures("calls")
def test_another_complaint_of_npm_is_passed_on_without_an_address(
    client: Path, tmp_path: Path
) -> None:
    refused = fakes.UNREACHED.replace('ENOTFOUND"', 'E403\\nnpm error syscall x"')
    with pytest.raises(packages.PackagesError) as error:
        packages.fetch(npm(tmp_path, refused))
    assert "npm ended with E403, request to the registry failed" in str(error.value)
    assert "pass" not in str(error.value)


@pytest.mark.usefixtures("calls")
def test_what_npm_leaves_out_as_optional_is_not_taken_for_done(
    client: Path, tmp_path: Path
) -> None:
    with pytest.raises(packages.PackagesError, match="could not be fetched"):
        packages.fetch(npm(tmp_path, fakes.ABSENT))
    assert left(client) == []


@pytest.mark.usefixtures("calls")
def test_a_failure_leaves_what_was_there(client: Path, tmp_path: Path) -> None:
    fakes.install(client)
    (client / "node_modules/openai/package.json").write_text('{"version": "5.0.0"}')
    with pytest.raises(packages.PackagesError):
        packages.fetch(npm(tmp_path, fakes.UNREACHED))
    assert (client / "node_modules/openai/package.json").read_text() == '{"version": "5.0.0"}'


@pytest.mark.usefixtures("calls")
def test_an_interrupted_fetch_ends_npm_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, client: Path, tmp_path: Path
) -> None:
    halfway, finished = tmp_path / "halfway", tmp_path / "finished"
    note = f"""
import os, time
with open({str(halfway)!r} + ".partial", "w") as file:
    file.write(str(os.getpid()))
os.rename(file.name, {str(halfway)!r})
time.sleep(5)
open({str(finished)!r}, "w").close()
"""

    def interrupt() -> None:
        if halfway.exists():
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def shown(line: str) -> Iterator[Callable[[], None]]:
        yield interrupt

    monkeypatch.setattr(packages.progress, "shown", shown)
    with pytest.raises(KeyboardInterrupt):
        packages.fetch(npm(tmp_path, fakes.ABSENT + note))
    assert left(client) == []
    assert not psutil.pid_exists(int(halfway.read_text()))
    assert not finished.exists()


@pytest.mark.usefixtures("calls")
def test_npm_is_ended_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch, client: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(packages, "DEADLINE", 0.3)
    with pytest.raises(packages.PackagesError, match="npm took more than"):
        packages.fetch(npm(tmp_path, "import time\ntime.sleep(60)"))
    assert left(client) == []


@pytest.mark.usefixtures("calls")
def test_two_notebooks_that_fetch_at_once_both_have_them(client: Path, tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=20)
    slow = npm(tmp_path, f"import time\ntime.sleep(0.5)\n{fakes.INSTALL}")
    failures: list[BaseException] = []

    def notebook() -> None:
        both.wait()
        try:
            packages.fetch(slow)
        except BaseException as error:
            failures.append(error)

    notebooks = [threading.Thread(target=notebook) for _ in range(2)]
    for each in notebooks:
        each.start()
    for each in notebooks:
        each.join(60)
    assert failures == []
    assert packages.lacking() == []
    assert left(client) == ["node_modules"]


@pytest.mark.usefixtures("calls")
def test_packages_that_another_notebook_puts_there_at_the_last_moment_are_taken(
    monkeypatch: pytest.MonkeyPatch, client: Path, tmp_path: Path
) -> None:
    rename = os.rename

    def late(source: Path, target: Path) -> None:
        if target.name == "node_modules":
            fakes.install(client)
        rename(source, target)

    monkeypatch.setattr(os, "rename", late)
    packages.fetch(npm(tmp_path, fakes.INSTALL))
    assert left(client) == ["node_modules"]
    assert packages.lacking() == []


@pytest.mark.usefixtures("calls")
def test_what_a_killed_notebook_left_is_dropped_later(client: Path, tmp_path: Path) -> None:
    old, live = client / f"{packages.STAGE}old", client / f"{packages.STAGE}live"
    for stage in (old, live):
        stage.mkdir()
    long_ago = time.time() - packages.ABANDONED - 60
    os.utime(old, (long_ago, long_ago))
    packages.fetch(npm(tmp_path, fakes.INSTALL))
    assert left(client) == [live.name, "node_modules"]


def test_a_folder_that_cannot_be_written_is_said(
    monkeypatch: pytest.MonkeyPatch, client: Path, calls: Path, tmp_path: Path
) -> None:
    def refuse(**options: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    with pytest.raises(packages.PackagesError, match=r"Permission denied\. Copy the course"):
        packages.fetch(npm(tmp_path, fakes.INSTALL))
    assert calls.read_text() == ""


@pytest.mark.usefixtures("client")
def test_without_npm_nothing_is_fetched() -> None:
    with pytest.raises(packages.PackagesError, match="and npm, which fetches them, is not here"):
        packages.fetch(Node("node", ()))


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("TUTORIAL_OFFLINE", "1", "TUTORIAL_OFFLINE is set"),
        ("TUTORIAL_STRICT", "1", "tests fetch nothing"),
        ("PYTEST_VERSION", "9", "tests fetch nothing"),
    ],
)
def test_a_test_or_a_wish_forbids_it(
    monkeypatch: pytest.MonkeyPatch,
    client: Path,
    calls: Path,
    tmp_path: Path,
    name: str,
    value: str,
    why: str,
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(packages.PackagesError, match=f"{why}.*python -m helpers.terminal"):
        packages.fetch(npm(tmp_path, fakes.INSTALL))
    assert calls.read_text() == ""


@pytest.mark.parametrize("environ", [{}, {"TUTORIAL_OFFLINE": "0"}, {"TUTORIAL_OFFLINE": ""}])
def test_elsewhere_nothing_forbids_it(environ: dict[str, str]) -> None:
    assert packages.forbidden(environ) is None


def test_this_run_of_pytest_is_a_test() -> None:
    assert packages.forbidden() == "tests fetch nothing"


def test_what_is_announced_names_the_packages_and_no_address() -> None:
    said = packages.announcement()
    assert "openai and langsmith" in said
    assert "://" not in said


@pytest.mark.parametrize("content", ["", "[]", "no json"])
def test_a_damaged_package_counts_as_lacking(client: Path, content: str) -> None:
    fakes.install(client)
    (client / "node_modules/openai/package.json").write_text(content)
    assert packages.lacking() == ["openai"]


def test_the_lock_file_of_the_course_is_read(tmp_path: Path) -> None:
    shutil.copy(packages.CLIENT / "package-lock.json", tmp_path)
    assert {"openai", "langsmith"} <= set(packages.lacking(tmp_path))
