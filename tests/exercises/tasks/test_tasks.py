"""What holds for every exercise that is declared; `tests/grading` runs their attempts."""

from __future__ import annotations

import pytest

from helpers.exercises import catalogue
from helpers.exercises.declaration import Exercise
from helpers.testing.files import lessons, parse, text_of

EVERY = [each for some in catalogue.every().values() for each in some]
LESSONS = {path.name[:2]: path for path in lessons() if path.parent.name == "notebooks"}


def headings(lesson: str) -> list[str]:
    cells = parse(text_of(LESSONS[lesson])).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return [line.lstrip("# ") for line in prose.splitlines() if line.startswith("## ")]


@pytest.mark.parametrize("exercise", EVERY, ids=lambda each: f"{each.lesson} {each.name}")
class TestExercise:
    def test_it_has_two_wrong_and_two_right_attempts_and_two_hints(self, exercise: Exercise):
        assert len(exercise.wrong) >= 2 and len(exercise.right) >= 2 and len(exercise.hints) >= 2
        assert len(set(exercise.right)) == len(exercise.right)

    def test_where_to_read_is_a_section_of_its_lesson(self, exercise: Exercise):
        assert exercise.section in headings(exercise.lesson)

    def test_its_cells_are_code_that_is_read_in_one_look(self, exercise: Exercise):
        attempts = [*exercise.right, *(wrong.code for wrong in exercise.wrong)]
        for cell in (exercise.blank, *map(exercise.cell, attempts)):
            lines = [line for line in cell.splitlines() if line.strip()]
            assert len(lines) <= 15 and max(map(len, lines)) <= 88, cell
            compile(cell, exercise.name, "exec", flags=0x2000)  # PyCF_ALLOW_TOP_LEVEL_AWAIT

    def test_its_hints_do_not_hold_the_whole_solution(self, exercise: Exercise):
        assert all(exercise.right[0].strip() not in hint for hint in exercise.hints)


def test_they_are_numbered_from_one_in_each_lesson():
    for lesson, some in catalogue.every().items():
        assert [each.number for each in some] == list(range(1, len(some) + 1))
        assert {each.lesson for each in some} == {lesson}
