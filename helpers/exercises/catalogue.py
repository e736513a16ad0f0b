"""Where the exercises are declared: one module of ``tasks`` for each lesson that has some."""

from __future__ import annotations

import importlib
import pkgutil

from helpers.exercises import tasks
from helpers.exercises.declaration import Exercise, ExerciseError

__all__ = ["every", "find", "of_lesson"]

PREFIX = "lesson_"


def of_lesson(lesson: str) -> tuple[Exercise, ...]:
    """Return the exercises of a lesson, by its two digits, in their order; none is no error."""
    if f"{PREFIX}{lesson}" not in _modules():
        return ()
    module = importlib.import_module(f"{tasks.__name__}.{PREFIX}{lesson}")
    return tuple(module.EXERCISES)


def every() -> dict[str, tuple[Exercise, ...]]:
    """Return the exercises of all lessons, by the lesson's two digits."""
    lessons = sorted(name.removeprefix(PREFIX) for name in _modules())
    return {lesson: of_lesson(lesson) for lesson in lessons}


def find(lesson: str, number: int) -> Exercise:
    """Return one exercise; raises ``ExerciseError`` naming those there are."""
    there = of_lesson(lesson)
    for exercise in there:
        if exercise.number == number:
            return exercise
    if there:
        numbers = ", ".join(str(exercise.number) for exercise in there)
        raise ExerciseError(f"Lesson {lesson} has no exercise {number!r}; it has {numbers}.")
    lessons = ", ".join(every())
    raise ExerciseError(f"There are no exercises of a lesson {lesson!r}; there are of {lessons}.")


def _modules() -> set[str]:
    names = {module.name for module in pkgutil.iter_modules(tasks.__path__)}
    return {name for name in names if name.startswith(PREFIX)}
