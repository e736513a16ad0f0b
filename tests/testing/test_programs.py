"""A cell tagged needs-<program> is skipped where the program is missing, and compared elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.testing.notebooks import ROOT
from helpers.testing.programs import needed
from tests.testing.inner import COMMAND


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a run says of two cells with wrong stored outputs; the second lacks its program."""
    folder = tmp_path_factory.mktemp("programs")
    wrong = new_output("execute_result", data={"text/plain": "3"}, execution_count=1)
    cells = [
        new_code_cell(
            "1 + 1", execution_count=1, outputs=[wrong], metadata={"tags": [f"needs-{program}"]}
        )
        for program in (sys.executable, "no-such-program")
    ]
    nbformat.write(new_notebook(cells=cells), folder / "01_try.ipynb")
    (folder / "conftest.py").write_text('pytest_plugins = ["helpers.testing.programs"]\n')
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --nbval-current-env --nbval\n")
    done = subprocess.run(
        [*COMMAND, "-q", "-rsf"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_a_cell_is_compared_where_its_program_is(said: str) -> None:
    assert "FAILED 01_try.ipynb::Cell 0" in said
    assert "1 failed, 1 skipped" in said


def test_a_cell_is_skipped_with_a_reason_where_its_program_is_not(said: str) -> None:
    assert "no-such-program is not installed here" in said


@pytest.mark.parametrize(
    ("tags", "programs"),
    [([], []), (["raises-exception"], []), (["needs-node", "needs-curl"], ["node", "curl"])],
)
def test_tags_name_the_programs(tags: list[str], programs: list[str]) -> None:
    assert needed(tags) == programs
