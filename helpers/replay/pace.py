"""How fast recorded answers come: as the model gave them, unless somebody wants it otherwise."""

from __future__ import annotations

import os
from collections.abc import Mapping

from helpers.errors import TutorialError

__all__ = ["LONGEST", "VARIABLE", "PaceError", "pace"]

VARIABLE = "TUTORIAL_PACE"
LONGEST = 60.0  # seconds of one wait: a recording made on a stalled line must not stall a cell


class PaceError(TutorialError):
    """The variable holds no pace."""


def pace(environ: Mapping[str, str] = os.environ) -> float:
    """Return what recorded times are multiplied by, from ``TUTORIAL_PACE``; 1 without it.

    0 is at once. Raises ``PaceError`` for what is no number from 0 to 100.
    """
    value = environ.get(VARIABLE, "").strip() or "1"
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 100:  # which is false for nan too
        raise PaceError(
            f"{value!r} is not a pace. Set {VARIABLE} to 1 for answers as fast as the model gave "
            "them, to 0 for answers at once, or to another number up to 100 that multiplies the "
            "recorded times; or unset it for 1."
        )
    return number
