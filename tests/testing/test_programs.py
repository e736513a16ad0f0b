"""A cell tagged needs-<program> is skipped where the program is missing, and compared elsewhere."""

from __future__ import annotations

import sys

import pytest
from nbformat.v4 import new_code_cell, new_output

from helpers.testing.programs import needed
from tests.testing.inner import nbval_says


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
    return nbval_says(folder, cells, ("programs",), "-rsf")


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
