"""The minutes that a lesson promises are those that it takes, and all tables say the same.

Counted are 200 words of prose a minute, six seconds for a line of code, ten for a cell to run and
be looked at, and what each exercise is said to take, its task included. No lesson takes more than
twenty but the last, which is a piece of work, and the guide's five at most 75 together.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from nbformat import NotebookNode

from helpers.exercises import catalogue
from helpers.paths import NOTEBOOKS, ROOT
from helpers.testing.files import lessons, parse, text_of
from helpers.testing.placing import is_place
from tests.repo.test_notebooks import code_lines, numbered, words

LESSONS = [path for path in lessons() if path.parent == NOTEBOOKS]
NEAR = 2  # minutes that a promise may be beside what is counted: people differ by more
LONGEST, GUIDE = 20, 75  # minutes of a lesson, and of lessons 00 to 04 together
WORK = "16"  # the last lesson: eight exercises, and little else


def counted(notebook: NotebookNode, lesson: str) -> float:
    codes = [cell for _, cell in numbered(notebook, "code") if not is_place(cell.id)]
    lines = sum(len(code_lines(cell)) for cell in codes)
    exercises = sum(each.minutes for each in catalogue.of_lesson(lesson))
    return words(notebook) / 200 + lines * 6 / 60 + len(codes) * 10 / 60 + exercises


def promised(notebook: NotebookNode) -> tuple[int, int, int]:
    """Return the minutes that a lesson says it takes, those of its exercises, and how many."""
    said = re.search(r"^Time: (.+)$", notebook.cells[0].source, re.MULTILINE)
    assert said
    words = {"an exercise": 1, "one exercise": 1, "two exercises": 2, "three exercises": 3}
    words |= {"eight exercises": 8}
    whole = re.match(r"(\d+) minutes(?:, (\d+) of them for (\w+ exercises?))?\.( |$)", said[1])
    assert whole and (whole[3] is None or whole[3] in words), said[1]
    return int(whole[1]), int(whole[2] or 0), words[whole[3]] if whole[3] else 0


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name[:2])
def test_a_lesson_takes_the_minutes_that_it_says(path: Path):
    notebook, lesson = parse(text_of(path)), path.name[:2]
    minutes, exercises, count = promised(notebook)
    there = catalogue.of_lesson(lesson)
    assert (exercises, count) == (sum(each.minutes for each in there), len(there))
    assert abs(minutes - counted(notebook, lesson)) <= NEAR, counted(notebook, lesson)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name[:2])
def test_no_lesson_takes_longer_than_twenty_minutes(path: Path):
    if (lesson := path.name[:2]) != WORK:
        assert counted(parse(text_of(path)), lesson) <= LONGEST


def test_the_lessons_of_the_guide_take_75_minutes_together():
    guide = [path for path in LESSONS if path.name < "05"]
    taken = {path.name[:2]: counted(parse(text_of(path)), path.name[:2]) for path in guide}
    assert len(taken) == 5 and sum(taken.values()) <= GUIDE, taken


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name[:2])
def test_the_tables_say_what_the_lesson_says(path: Path):
    minutes = promised(parse(text_of(path)))[0]
    start = parse(text_of(next(each for each in LESSONS if each.name.startswith("00"))))
    texts = [(ROOT / "README.md").read_text("utf-8"), "\n".join(c.source for c in start.cells)]
    tables = [line for text in texts for line in text.splitlines() if line.startswith("| ")]
    rows = [
        line for line in tables if line.startswith(f"| {path.name[:2]} |") and path.name in line
    ]
    assert rows
    for row in rows:
        numbers = [int(cell) for cell in re.findall(r"\| (\d+)(?= \|)", row)]
        assert numbers[-1] == minutes, row
