"""The table of faults: every test of the folder is a row, and the command prints it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from helpers.testing.notebooks import ROOT
from tests.testing.inner import COMMAND

ROWS = """
from helpers.testing.faults import case, fault
import pytest

@fault("a cable", "the lamp goes out")
def test_lamp():
    pass

FUSES = [case(1, broken="a fuse", holds="a bang"), case(2, broken="b", holds="c")]

@pytest.mark.parametrize("n", FUSES)
def test_fuse(n):
    assert n == 1
"""
BARE = "def test_nothing(): pass"
CONFTEST = """
pytest_plugins = ["helpers.testing.options", "helpers.testing.faults"]
"""


def run(folder: Path, source: str, *options: str) -> str:
    (folder / "faults").mkdir()
    (folder / "faults" / "test_wiring.py").write_text(source)
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [*COMMAND, "-p", "no:nbval", "-q", "--fault-table", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("workers", ["-n0", "-n1"])
def test_the_table_says_of_each_row_whether_it_held(tmp_path: Path, workers: str):
    said = run(tmp_path, ROWS, workers)
    assert "held      | wiring | a cable | the lamp goes out" in said
    assert "FELL      | wiring | b | c" in said
    assert "3 faults: 1 FELL, 2 held" in said


def test_a_test_that_is_no_row_is_refused(tmp_path: Path):
    assert "test_nothing has 0 marks" in run(tmp_path, BARE, "-n0")
