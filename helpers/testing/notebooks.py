"""Run notebooks with nbval, the runner that tests them, and refresh their stored outputs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from helpers.paths import ROOT
from helpers.testing import placing
from helpers.testing.files import (
    NotebookError,
    lessons,
    parse,
    render,
    text_of,
    tidy,
    write,
)

__all__ = ["Change", "NotebookError", "execute", "lessons", "refresh"]

# A widget's model lives in the kernel; without it the stored view shows an error.
WIDGET = "application/vnd.jupyter.widget-view+json"
# nbformat does not say what its function returns.
_from_dict: Callable[..., NotebookNode] = nbformat.from_dict
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Change:
    """What ``refresh`` did to the notebook at ``path``.

    ``cells`` are the numbers (from 1, code cells only) whose outputs are new; ``written`` says
    whether the file changed, which tidied metadata can do alone.
    """

    path: Path
    cells: tuple[int, ...]
    written: bool

    def __str__(self) -> str:
        if not self.written:
            return f"{self.path.name}: as it was"
        cells = ", ".join(map(str, self.cells)) or "none"
        return f"{self.path.name}: written; code cells with new outputs: {cells}"


def execute(path: Path, *, environment: Mapping[str, str] | None = None) -> None:
    """Run all cells of the notebook at ``path`` and leave the file as it is.

    ``environment`` is added to this process's own, e.g. ``{"TUTORIAL_MODE": "record"}``. Raises
    ``NotebookError`` naming the first cell that fails.
    """
    _run(path, environment or {})


def refresh(
    paths: Sequence[Path] | None = None,
    *,
    progress: Callable[[int, int, Path], None] = lambda number, count, path: None,
) -> list[Change]:
    """Run notebooks in replay and store their outputs; by default all ``lessons()``.

    ``progress`` is told of each before it runs: its number, how many there are, its path.

    An output that equals the stored one after nbval's sanitising stays as it is, so that a second
    run changes nothing. A notebook with a failing cell is not written; when the others are done,
    ``NotebookError`` tells of each.
    """
    changes: list[Change] = []
    problems: list[str] = []
    placing.bring(lessons() if paths is None else paths)
    wanted = lessons() if paths is None else paths
    for number, path in enumerate(wanted, start=1):
        progress(number, len(wanted), path)
        try:
            changes.append(_refresh(Path(path)))
        except NotebookError as error:
            problems.append(str(error))
    if problems:
        raise NotebookError("\n\n".join(problems))
    return changes


def _refresh(path: Path) -> Change:
    before = text_of(path)
    results = {result["number"]: result for result in _run(path, {"TUTORIAL_MODE": "replay"})}
    notebook = parse(before)
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    changed = [n for n, cell in enumerate(codes) if _store(cell, n + 1, results.get(n))]
    tidy(notebook)
    after = render(notebook)
    if after != before:
        write(path, after, expected=before)
    return Change(path, tuple(number + 1 for number in changed), after != before)


def _run(path: Path, environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the result of every cell (see ``helpers.testing.outputs``), or raise for the first
    that failed."""
    _check_programs(path)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "outputs.json")
        pytest = subprocess.run(
            [*_command(path), f"--outputs-to={target}"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
        results = json.loads(target.read_text("utf-8")) if target.exists() else []
    for result in results:
        if result["error"]:
            raise NotebookError(_failure(path, result))
    if pytest.returncode not in (0, 1) or {r["number"] for r in results} != _numbers(path):
        raise NotebookError(f"{path} could not be run:\n{pytest.stdout}{pytest.stderr}".strip())
    return results


def _check_programs(path: Path) -> None:
    """Raise where a cell would be skipped for want of a program: what it puts out is wanted."""
    from helpers import terminal
    from helpers.testing.programs import needed

    cells = parse(text_of(path)).cells
    programs = {name for cell in cells for name in needed(cell.metadata.get("tags", []))}
    if lacks := [lack for name in sorted(programs) if (lack := terminal.missing(name))]:
        raise NotebookError(f"{path.name} has cells that cannot run here. " + "\n".join(lacks))


def _command(path: Path) -> list[str]:
    ours = ("offline", "options", "outputs", "sanitizing")
    plugins = [f"helpers.testing.{name}" for name in ours]
    plugins += ["nbval.plugin", "no:cacheprovider", "no:anyio", "no:hypothesispytest"]
    options = [part for plugin in plugins for part in ("-p", plugin)]
    config = ["-c", str(ROOT / ".pytest.ini"), "--rootdir", str(ROOT), "--color=no", "-q"]
    return [sys.executable, "-m", "pytest", *options, *config, str(path.resolve())]


def _numbers(path: Path) -> set[int]:
    """Return the numbers of the code cells that nbval runs."""
    cells = [cell for cell in parse(text_of(path)).cells if cell.cell_type == "code"]
    skipped = [n for n, cell in enumerate(cells) if "nbval-skip" in cell.metadata.get("tags", [])]
    return set(range(len(cells))) - set(skipped)


def _failure(path: Path, result: Mapping[str, Any]) -> str:
    notebook = parse(text_of(path))
    source = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    code = "\n".join(f"    {line}" for line in source[result["number"]].splitlines())
    error = COLOUR.sub("", result["error"])
    return (
        f"{path.name}: code cell {result['number'] + 1} failed, and the notebook was not written."
        f"\n\n{code}\n\n{error.strip().rpartition(chr(10) * 2)[2]}\n\n"
        f"For the whole traceback: python -m pytest {path}"
    )


def _store(cell: NotebookNode, number: int, result: Mapping[str, Any] | None) -> bool:
    """Give a code cell its count and outputs; return whether the outputs are new ones."""
    if result is None or not cell.source.strip():
        cell.execution_count, cell.outputs = None, []
        return False
    tidied = [_tidy_output(output) for output in result["outputs"]]
    outputs = [each for each in tidied if each.get("data") != {}]  # which was a widget alone
    ignored = "nbval-ignore-output" in cell.metadata.get("tags", [])
    known = cell.execution_count is not None
    keep = known and (result["same"] or ignored) and _kinds(outputs) == _kinds(cell.outputs)
    if not keep:
        cell.outputs = outputs
    cell.execution_count = number
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output.execution_count = number
    return not keep


def _kinds(outputs: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    return [(output["output_type"], sorted(output.get("data", ()))) for output in outputs]


def _tidy_output(output: Mapping[str, Any]) -> NotebookNode:
    node = _from_dict(dict(output))
    if "data" in node:
        node.data.pop(WIDGET, None)
    if node.output_type == "error":
        # The rest of a traceback holds paths of this machine, and nbval does not compare it.
        node.traceback = [f"{node.ename}: {node.evalue}"]
    return node
