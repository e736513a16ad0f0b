"""What a cell put out is told from whether it is what was stored."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_output
from nbval.plugin import NbCellError

from helpers.testing.outputs import cell_result

SAID = [new_output("stream", text="a\n")]
RAISED = [new_output("error", ename="KeyError", evalue="'x'", traceback=[])]


def cell(
    outputs: list[nbformat.NotebookNode], *, same: bool = True, must_raise: bool = False
) -> Any:
    """Return what nbval knows of a cell after it ran."""
    return SimpleNamespace(
        cell_num=3,
        test_outputs=outputs,
        cell=SimpleNamespace(outputs=[]),
        options={"check_exception": must_raise},
        compare_outputs=lambda new, stored: same,
    )


@pytest.mark.parametrize("same", [True, False])
def test_a_cell_that_ran_has_outputs_and_no_error(same: bool) -> None:
    error = None if same else AssertionError("Cell outputs differ")
    result = cell_result(cell(SAID, same=same), error)
    assert (result["number"], result["same"], result["error"]) == (3, same, None)
    assert result["outputs"][0]["text"] == "a\n"


def test_a_cell_that_failed_says_why_with_its_traceback() -> None:
    error = NbCellError(3, "Cell execution caused an exception", "x[0]", "KeyError: 'x'\n", [])
    result = cell_result(cell(RAISED), error)
    assert result["error"].endswith("KeyError: 'x'") and not result["same"]


def test_an_error_that_was_meant_is_an_output() -> None:
    assert cell_result(cell(RAISED, must_raise=True), None)["error"] is None


def test_an_error_that_was_meant_and_did_not_come_is_one() -> None:
    assert "raised nothing" in cell_result(cell(SAID, must_raise=True), None)["error"]
