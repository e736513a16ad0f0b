"""Where exercises are found, and what is said when there are none."""

import pytest

from helpers import exercises
from helpers.exercises import ExerciseError, catalogue


def test_the_exercises_of_a_lesson_are_found_by_its_digits():
    assert [each.number for each in catalogue.of_lesson("01")] == [1, 2, 3]
    assert catalogue.of_lesson("99") == ()
    assert catalogue.every()["01"] == catalogue.of_lesson("01")


@pytest.mark.parametrize(
    ("lesson", "number", "said"),
    [("01", 7, "it has 1, 2, 3"), ("99", 1, "there are of 00, 01"), (1, 1, "there are of 00, 01")],
)
def test_one_that_is_not_there_is_told_with_those_that_are(lesson, number, said):
    with pytest.raises(ExerciseError, match=said):
        exercises.of(lesson, number)
