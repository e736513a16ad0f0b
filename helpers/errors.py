"""The one base of every error that these helpers raise on purpose."""

from __future__ import annotations

__all__ = ["TutorialError"]


class TutorialError(Exception):
    """Something the learner can mend; the message says what happened and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Show the message alone under a cell: IPython asks for this instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]
