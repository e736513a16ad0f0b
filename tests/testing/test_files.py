"""Notebooks as files."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers.testing.files import NotebookError, lessons, parse, render, text_of, tidy, write


def test_lessons_and_solutions_are_found_and_notes_of_a_learner_are_not(tmp_path: Path):
    (tmp_path / "notebooks" / "solutions").mkdir(parents=True)
    for name in ("01_try.ipynb", "mine.ipynb", "solutions/01_try.ipynb"):
        (tmp_path / "notebooks" / name).touch()
    found = [path.relative_to(tmp_path / "notebooks").as_posix() for path in lessons(tmp_path)]
    assert found == ["01_try.ipynb", "solutions/01_try.ipynb"]


def test_what_is_no_notebook_is_told(tmp_path: Path):
    with pytest.raises(NotebookError, match="There is no notebook"):
        text_of(tmp_path / "none.ipynb")
    (tmp_path / "broken.ipynb").write_text("{")
    with pytest.raises(NotebookError, match="is not a notebook"):
        text_of(tmp_path / "broken.ipynb")


def test_a_text_stays_the_same_through_reading_and_writing():
    notebook = new_notebook(cells=[new_code_cell("1", metadata={"tags": ["a"], "scrolled": True})])
    tidy(notebook)
    assert dict(notebook.cells[0].metadata) == {"tags": ["a"]}
    assert render(parse(render(notebook))) == render(notebook)


def test_a_file_that_was_changed_meanwhile_is_not_written(tmp_path: Path):
    path = tmp_path / "01_try.ipynb"
    nbformat.write(new_notebook(), path)
    before = path.read_text()
    with pytest.raises(NotebookError, match="was changed while it ran"):
        write(path, "other", expected=before + " ")
    assert path.read_text() == before
    write(path, before + "\n", expected=before)
    assert path.read_text() == before + "\n"
