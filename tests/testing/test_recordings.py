"""A recording that no notebook asks for fails a whole and green run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers.testing.notebooks import ROOT
from helpers.testing.recordings import VARIABLE, UnusedRecordings, cell_ids, unused
from tests.testing.inner import COMMAND

USE = """
import os
with open(os.environ["TUTORIAL_USED_RECORDINGS"], "a") as used:
    _ = used.write("{}\\n")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project of two notebooks, each of which uses one of two recordings."""
    recordings = tmp_path / "notebooks" / "recordings"
    recordings.mkdir(parents=True)
    for name in ("a", "b"):
        (recordings / f"{name}.json").write_text("{}", "utf-8")
        write_notebook(tmp_path, f"01_{name}", f"{name}.json")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nbval-current-env --nbval\n")
    plugins = 'pytest_plugins = ["helpers.testing.offline", "helpers.testing.recordings"]\n'
    (tmp_path / "conftest.py").write_text(plugins)
    return tmp_path


def write_notebook(root: Path, stem: str, used: str) -> None:
    sources = ("x = 1", USE.format(used))
    cells = [new_code_cell(source, execution_count=1) for source in sources]
    nbformat.write(new_notebook(cells=cells), root / "notebooks" / f"{stem}.ipynb")


def run(root: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [*COMMAND, "-q", *options],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TUTORIAL_MODE": "replay"},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_an_unused_recording_fails_the_run_by_name(folder: Path) -> None:
    (folder / "notebooks" / "recordings" / "forgotten.json").write_text("{}", "utf-8")
    code, printed = run(folder, "-n1", "--dist=loadfile")
    assert code == 1, printed
    assert "notebooks/recordings/forgotten.json" in printed
    assert "notebooks/recordings/a.json" not in printed


@pytest.fixture
def judge(folder: Path) -> UnusedRecordings:
    """What judges a run of the folder's notebooks; both recordings were used."""
    used = folder / "used.txt"
    used.write_text("a.json\nb.json\n", "utf-8")
    return UnusedRecordings(folder, used)


def judged(judge: UnusedRecordings, seen: set[str]) -> int:
    """Return the exit status of a green run in which these cells were run."""
    for name in seen:
        judge.pytest_runtest_logreport(SimpleNamespace(when="call", nodeid=name))
    session = SimpleNamespace(exitstatus=pytest.ExitCode.OK)
    judge.pytest_sessionfinish(session, session.exitstatus)
    return session.exitstatus


def test_a_run_that_uses_every_recording_passes(judge: UnusedRecordings) -> None:
    assert judged(judge, cell_ids(judge.root)) == pytest.ExitCode.OK


def test_a_run_of_one_notebook_is_not_judged(judge: UnusedRecordings) -> None:
    (judge.root / "notebooks" / "recordings" / "forgotten.json").write_text("{}", "utf-8")
    one = {name for name in cell_ids(judge.root) if "01_a" in name}
    assert judged(judge, one) == pytest.ExitCode.OK
    assert judged(judge, cell_ids(judge.root)) == pytest.ExitCode.TESTS_FAILED


def test_a_test_outside_notebooks_does_not_count_as_use() -> None:
    assert VARIABLE not in os.environ


def test_unused_names_what_no_line_mentions(tmp_path: Path) -> None:
    for name in ("a.json", "b.json", "notes.txt"):
        (tmp_path / name).touch()
    used = tmp_path / "used.txt"
    used.write_text("b.json\n\nb.json\n", "utf-8")
    assert unused(tmp_path, used) == ["a.json"]


def test_cells_are_named_as_pytest_names_them(folder: Path) -> None:
    assert "notebooks/01_a.ipynb::Cell 1" in cell_ids(folder)
    assert len(cell_ids(folder)) == 4
