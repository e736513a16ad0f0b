"""A pytest plugin: write what nbval's cells put out to the file that ``--outputs-to`` names.

``helpers.testing.notebooks`` runs notebooks with it, so that stored outputs come from the very
runner, and are compared by the very code, that tests them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from nbval.plugin import IPyNbCell, NbCellError, coalesce_streams

__all__ = ["cell_result"]

# What nbval raises for a cell that ran well and put out something new.
DIFFERENT = ("Cell outputs differ", "Unrun reference cell has outputs")
RESULTS: list[dict[str, Any]] = []


def cell_result(cell: IPyNbCell, error: BaseException | None) -> dict[str, Any]:
    """Return a cell's ``number``, ``outputs``, whether they are the ``same`` as those stored after
    sanitising, and its ``error`` (None when it ran)."""
    outputs = coalesce_streams(cell.test_outputs or [])
    raised = any(output.output_type == "error" for output in outputs)
    problem = None
    if error is not None and str(error) not in DIFFERENT:
        problem = _describe(error)
    elif cell.options["check_exception"] and not raised:
        problem = "it is tagged raises-exception, but raised nothing"
    stored = coalesce_streams(cell.cell.outputs)
    return {
        "number": cell.cell_num,
        "outputs": outputs,
        "same": not problem and bool(cell.compare_outputs(outputs, stored)),
        "error": problem,
    }


def _describe(error: BaseException) -> str:
    trace = getattr(error, "inner_traceback", None) if isinstance(error, NbCellError) else None
    return f"{error}\n{trace.strip()}" if trace else str(error) or type(error).__name__


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    error: BaseException | None = None
    try:
        return (yield)
    except pytest.skip.Exception:
        raise
    except Exception as caught:
        error = caught
        raise
    finally:
        if isinstance(item, IPyNbCell) and not item.options["skip"]:
            RESULTS.append(cell_result(item, error))


def pytest_sessionfinish(session: pytest.Session) -> None:
    target = session.config.getoption("--outputs-to")
    if target:
        target.write_text(json.dumps(RESULTS), "utf-8")
