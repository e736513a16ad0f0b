"""Put the exercises in their places: the cells of a lesson, and the notebook of its solutions.

Both are written from the declarations in ``helpers.exercises.tasks``, so that neither can say
something else. Outputs are left to ``helpers.testing.notebooks``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from helpers.exercises import catalogue
from helpers.exercises.declaration import Exercise
from helpers.paths import ROOT
from helpers.testing.files import NotebookError, parse, render, text_of, tidy, write

__all__ = ["PlacingError", "bring", "cells_of", "is_place", "place", "solutions"]

# The first exercise of a lesson says how one goes about it, and the others remind.
HELP = """\
Write it in the cell below, run that, and then the one beneath it, which reads your trace. \
`{name}.hint()` gives a nudge, and more when asked again; `{name}.solution()` shows one way."""
AGAIN = "Run your cell, and then the one beneath it. `{name}.hint()` gives a nudge."
START = 'import sys\nsys.path.insert(0, "../..")\nfrom helpers import session\nsession.start()'
_code: Callable[..., NotebookNode] = nbformat.v4.new_code_cell
_prose: Callable[..., NotebookNode] = nbformat.v4.new_markdown_cell
_notebook: Callable[..., NotebookNode] = nbformat.v4.new_notebook


class PlacingError(NotebookError):
    """A lesson has no place for an exercise, or a place for one that is not declared."""


def is_place(cell_id: str | None) -> bool:
    """Whether a cell with this id is one of an exercise's."""
    return re.fullmatch(r"q\d+(-task|-check)?", cell_id or "") is not None


def cells_of(exercise: Exercise) -> dict[str, str]:
    """Return the source of each cell that an exercise has in its lesson, by the cell's id."""
    name = exercise.name
    how = (HELP if exercise.number == 1 else AGAIN).format(name=name)
    return {
        f"{name}-task": f"##{_headed(exercise)} {how}",
        name: exercise.blank,
        f"{name}-check": f"await {name}.check()",
    }


def _headed(exercise: Exercise) -> str:
    return f"# Exercise {exercise.number}: {exercise.title}\n\n{exercise.prose}"


def place(notebook: NotebookNode, lesson: str) -> None:
    """Write the exercises of ``lesson`` into the cells that have their ids.

    Raises ``PlacingError`` for an id that is missing, and for one of an exercise that is not there.
    """
    wanted: Mapping[str, str] = {
        key: source
        for exercise in catalogue.of_lesson(lesson)
        for key, source in cells_of(exercise).items()
    }
    there = {cell.get("id"): cell for cell in notebook.cells}
    if missing := [key for key in wanted if key not in there]:
        raise PlacingError(
            f"Lesson {lesson} has no cell with the id {missing[0]}. Put a Markdown cell and two "
            f"code cells where the exercise shall stand, with the ids q1-task, q1 and q1-check."
        )
    if left := sorted(key for key in there if is_place(key) and key not in wanted):
        raise PlacingError(
            f"Lesson {lesson} has a cell with the id {left[0]}, and no such exercise is declared "
            f"in helpers/exercises/tasks/lesson_{lesson}.py."
        )
    for key, source in wanted.items():
        there[key].source = source


def solutions(lesson: Path) -> NotebookNode | None:
    """Return the notebook with the solutions of the lesson at ``lesson``, not yet run.

    None where it has no exercises.
    """
    number = lesson.name[:2]
    exercises = catalogue.of_lesson(number)
    if not exercises:
        return None
    title = f"# Solve the exercises of lesson {number}"
    opening = (
        f"{title}\n\nOne way for each exercise of [{lesson.name}](../{lesson.name}). Yours may "
        "look different: what counts is the trace that it leaves."
    )
    cells = [_prose(opening, id="title"), _code(START, id="start")]
    for exercise in exercises:
        name, source = exercise.name, cells_of(exercise)
        cells += [
            _prose(f"#{_headed(exercise)}", id=f"{name}-task"),
            _code(exercise.cell(exercise.right[0]), id=name),
            _code(source[f"{name}-check"], id=f"{name}-check"),
        ]
    return _notebook(cells=cells)


def bring(paths: Sequence[Path]) -> None:
    """Bring the exercises of lessons, and their solutions, to what is declared."""
    for path in map(Path, paths):
        if path.resolve().parent != ROOT / "notebooks":
            continue
        before = text_of(path)
        notebook = parse(before)
        place(notebook, path.name[:2])
        if (after := render(notebook)) != before:
            write(path, after, expected=before)
        if (solved := solutions(path)) is not None:
            _write_solutions(path.parent / "solutions" / path.name, solved)


def _write_solutions(path: Path, solved: NotebookNode) -> None:
    """Write a notebook of solutions unless the one there says the same; keep outputs it has."""
    known = {}
    if path.is_file():
        before = parse(text_of(path))
        if [_said(cell) for cell in before.cells] == [_said(cell) for cell in solved.cells]:
            return
        known = {cell.id: cell for cell in before.cells if cell.cell_type == "code"}
    for cell in solved.cells:
        if cell.cell_type == "code" and cell.id in known and _said(cell) == _said(known[cell.id]):
            cell.outputs = known[cell.id].outputs
            cell.execution_count = known[cell.id].execution_count
    tidy(solved)
    path.parent.mkdir(exist_ok=True)
    path.write_text(render(solved), "utf-8", newline="\n")


def _said(cell: NotebookNode) -> tuple[str, str]:
    return cell.cell_type, cell.source
