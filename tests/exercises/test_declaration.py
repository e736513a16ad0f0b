"""The cells that are made of a declaration."""

from helpers.exercises import catalogue

EXERCISE = catalogue.find("01", 1)


def test_its_cell_begins_the_attempt_beneath_the_imports():
    lines = EXERCISE.blank.splitlines()
    assert lines.index("from helpers import exercises") == lines.index("") - 1
    assert lines.index('q1 = exercises.of("01", 1)') > lines.index("import os")
    assert lines[-1] == "# Your code here"


def test_an_attempt_stands_where_the_gap_was():
    assert EXERCISE.cell("x = 1\n") == EXERCISE.blank.replace("# Your code here", "x = 1")
