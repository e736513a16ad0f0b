"""Where Node did not run, the cells of the lessons that depend on it make and show no trace."""

from __future__ import annotations

import ast
import asyncio
import inspect
from types import SimpleNamespace

import nbformat
import pytest

from helpers.paths import NOTEBOOKS
from helpers.terminal import Finished

ABSENT = Finished("Node.js is not installed here.", None)


def cells() -> list[tuple[str, list[str]]]:
    """Return each lesson with cells that need Node, and the code of these."""
    found = []
    for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        sources = [c.source for c in notebook.cells if "needs-node" in c.metadata.get("tags", [])]
        if sources:
            found.append((path.stem, sources))
    return found


@pytest.mark.parametrize(("lesson", "sources"), cells())
def test_the_first_cell_that_needs_node_runs_it_and_shows_what_it_said(
    lesson: str, sources: list[str]
) -> None:
    assert 'asked = terminal.run("node", ' in sources[0]
    assert sources[0].endswith("\nasked")


@pytest.mark.parametrize(("lesson", "sources"), cells())
def test_where_it_did_not_run_the_others_say_so_and_call_nothing(
    lesson: str, sources: list[str]
) -> None:
    """No function is in reach of the cells, so that any call of one is a NameError."""
    names: dict[str, object] = {"asked": ABSENT, "reporter": SimpleNamespace()}
    for source in sources[1:]:
        assert shown(source, names) is ABSENT


def shown(source: str, names: dict[str, object]) -> object:
    """Run a cell as a notebook does, in ``names``; return the value of its last line."""
    *_, last = body = ast.parse(source).body
    if isinstance(last, ast.Expr):
        body[-1] = ast.Assign([ast.Name("_", ast.Store())], last.value)
    cell = ast.fix_missing_locations(ast.Module(body, []))
    done = eval(compile(cell, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
    if inspect.iscoroutine(done):
        asyncio.run(done)
    target = ast.unparse(last).partition(" = ")[0] if isinstance(last, ast.Assign) else "_"
    return names[target]
