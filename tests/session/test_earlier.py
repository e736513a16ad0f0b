"""Which cell makes a name that is missing: found in the lesson, and told by its section."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.session.earlier import told

CELLS = [
    new_markdown_cell("# A lesson"),
    new_code_cell("from helpers import session\nsession.start()"),
    new_markdown_cell("Words.\n\n## Trace a `function`"),
    new_code_cell(
        "import litellm as lite\n!ls $x\n%time 1\n@trace\ndef define(term):\n    inner = 1\n"
        "(first, *rest), answer = await ask()\nwith open('x') as file:\n    line = 1"
    ),
    new_markdown_cell("## Look"),
    new_code_cell("define('HTTP')"),
    new_code_cell("late = 1"),
]


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    for name, more in (("01_one.ipynb", []), ("02_two.ipynb", [new_code_cell("print(other)")])):
        nbformat.write(new_notebook(cells=[*CELLS, *more]), tmp_path / name)
    return tmp_path


HERE = {"JPY_SESSION_NAME": "notebooks/01_one.ipynb"}


@pytest.mark.parametrize("name", ["define", "lite", "first", "rest", "answer", "file", "line"])
def test_the_section_of_the_cell_is_named(lessons: Path, name: str):
    said = told(name, "define('HTTP')", HERE, lessons=lessons)
    assert said is not None and said.startswith(
        f'A cell of the section "Trace a function" makes {name},'
    )


def test_the_first_cell_is_named_so(lessons: Path):
    said = told("session", "define('HTTP')", HERE, lessons=lessons)
    assert said is not None and said.startswith("The lesson's first cell makes session,")


@pytest.mark.parametrize("name", ["deifne", "inner", "term", "x", "HTTP"])
def test_a_name_that_no_cell_makes_is_the_learners_own(lessons: Path, name: str):
    assert told(name, "define('HTTP')", HERE, lessons=lessons) is None


def test_the_lesson_is_found_by_the_cell_where_nobody_names_it(lessons: Path):
    assert told("define", "print(other)", {}, lessons=lessons) is not None
    assert told("define", "my_own(define)", {}, lessons=lessons) is None


def test_lessons_that_have_the_same_cell_and_say_the_same_are_one(lessons: Path):
    said = told("define", "define('HTTP')", {}, lessons=lessons)
    assert said is not None and '"Trace a function"' in said


def test_lessons_that_differ_name_no_section(lessons: Path):
    other = new_notebook(cells=[new_markdown_cell("## Else"), *CELLS[1:2], *CELLS[3:4], *CELLS[5:]])
    nbformat.write(other, lessons / "03_three.ipynb")
    said = told("define", "define('HTTP')", {}, lessons=lessons)
    assert said is not None and said.startswith("A cell further up makes define,")


def test_a_cell_that_comes_later_is_named_where_no_other_makes_it(lessons: Path):
    said = told("late", "define('HTTP')", HERE, lessons=lessons)
    assert said is not None and '"Look"' in said


def test_a_lesson_that_cannot_be_read_says_nothing(lessons: Path):
    (lessons / "01_one.ipynb").write_text("{")
    assert told("define", "define('HTTP')", HERE, lessons=lessons) is None
