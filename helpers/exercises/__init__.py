"""Exercises that are judged by the trace which the learner's code has sent.

A blank cell begins with the attempt, and the next one asks about it::

    q1 = exercises.of("01", 1)
    ...
    await q1.check()

How the code reads does not matter: any that leads to the trace is right. ``hint()`` goes from a
nudge to nearly all, ``solution()`` shows one way, ``progress()`` what was done so far.
"""

from __future__ import annotations

from helpers.exercises.attempt import Attempt
from helpers.exercises.catalogue import find
from helpers.exercises.declaration import ExerciseError
from helpers.exercises.ledger import Ledger, Progress

__all__ = ["Attempt", "ExerciseError", "Progress", "of", "progress"]


def of(lesson: str, number: int) -> Attempt:
    """Begin an attempt at an exercise; what is sent from now on is what will be judged.

    ``lesson`` is the two digits of a lesson's file, ``number`` counts from 1. Run again, it begins
    another attempt. Raises ``ExerciseError`` naming those there are.
    """
    return Attempt(find(lesson, number))


def progress() -> Progress:
    """Return what was done of each lesson, to be shown by a cell; ``reset()`` begins anew."""
    return Progress(Ledger.of_learner())
