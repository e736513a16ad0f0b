"""The one base of every error that these helpers raise on purpose."""

from __future__ import annotations

__all__ = ["TutorialError"]


class TutorialError(Exception):
    """Something the learner can mend; the message says what happened and what to do."""
