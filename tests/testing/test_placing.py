"""Exercises stand in lessons and in solutions as they are declared."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.exercises import catalogue
from helpers.testing.files import lessons, parse, text_of
from helpers.testing.placing import PlacingError, cells_of, place, solutions

LESSONS = [path for path in lessons() if path.parent.name == "notebooks"]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name[:2])
def test_a_lesson_has_the_exercises_that_are_declared(path):
    there = parse(text_of(path))
    placed = parse(text_of(path))
    place(placed, path.name[:2])
    assert placed == there, "run python -m helpers refresh"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name[:2])
def test_a_lesson_with_exercises_has_their_solutions(path):
    wanted, solved = solutions(path), path.parent / "solutions" / path.name
    assert solved.exists() == (wanted is not None)
    if wanted is not None:
        there = parse(text_of(solved))
        assert [cell.source for cell in there.cells] == [cell.source for cell in wanted.cells]
        checks = [cell for cell in there.cells if cell.id.endswith("-check")]
        said = [cell.outputs[0].data["text/plain"] for cell in checks]
        assert all(": right" in text for text in said) and len(said) >= 1


def test_a_missing_place_is_named():
    with pytest.raises(PlacingError, match="no cell with the id q1-task"):
        place(new_notebook(), "01")


def test_a_place_without_an_exercise_is_named():
    with pytest.raises(PlacingError, match=r"id q2, .*lesson_99\.py"):
        place(new_notebook(cells=[new_code_cell("", id="q2")]), "99")


def test_an_exercise_is_written_over_what_stood_there():
    [exercise] = catalogue.of_lesson("00")
    cells = [new_markdown_cell("old", id="q1-task")]
    cells += [new_code_cell("old", id=key) for key in ("q1", "q1-check")]
    notebook = new_notebook(cells=cells)
    place(notebook, "00")
    assert {cell.id: cell.source for cell in notebook.cells} == cells_of(exercise)
