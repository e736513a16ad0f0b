"""A cell tagged needs-<program> is skipped where the program is missing, and compared elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.testing.notebooks import ROOT
from helpers.testing.programs import needed


def outcome(folder: Path, program: str) -> str:
    """Run a notebook whose one cell needs ``program`` and has a wrong stored output."""
    wrong = new_output("execute_result", data={"text/plain": "3"}, execution_count=1)
    tagged = {"tags": [f"needs-{program}"]}
    cell = new_code_cell("1 + 1", execution_count=1, outputs=[wrong], metadata=tagged)
    nbformat.write(new_notebook(cells=[cell]), folder / "01_try.ipynb")
    (folder / "conftest.py").write_text('pytest_plugins = ["helpers.testing.programs"]\n')
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --nbval-current-env --nbval\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_a_cell_is_compared_where_its_program_is(tmp_path: Path) -> None:
    assert "1 failed" in outcome(tmp_path, sys.executable)


def test_a_cell_is_skipped_with_a_reason_where_its_program_is_not(tmp_path: Path) -> None:
    said = outcome(tmp_path, "no-such-program")
    assert "1 skipped" in said
    assert "no-such-program is not installed here" in said


@pytest.mark.parametrize(
    ("tags", "programs"),
    [([], []), (["raises-exception"], []), (["needs-node", "needs-curl"], ["node", "curl"])],
)
def test_tags_name_the_programs(tags: list[str], programs: list[str]) -> None:
    assert needed(tags) == programs
