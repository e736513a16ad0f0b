"""What an exercise is: from this one place come its cells, its solution and its tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpers.errors import TutorialError
from helpers.exercises.evidence import Evidence

__all__ = ["GAP", "Exercise", "ExerciseError", "Wrong"]

GAP = "# Your code here"


class ExerciseError(TutorialError):
    """There is no such exercise, or it cannot be judged here."""


@dataclass(frozen=True)
class Wrong:
    """A plausible attempt that is not right, and ``said``, a part of what it is told."""

    code: str
    said: str


@dataclass(frozen=True)
class Exercise:
    """An exercise of a lesson.

    ``task`` is Markdown; ``starter`` is what stands in its cell above the line that begins the
    attempt, and each of ``right`` and ``wrong`` goes beneath it. ``judge`` raises ``Lacking`` for
    what the traces lack. The first of ``right`` is shown as the solution; ``also`` tells of other
    ways. ``hints`` go from a nudge to nearly all. ``section`` is the heading to read again,
    ``projects`` are where to look, as ``session.project`` names them, by default the project of the
    session.
    """

    lesson: str
    number: int
    title: str
    task: str
    starter: str
    judge: Callable[[Evidence], None]
    right: tuple[str, ...]
    wrong: tuple[Wrong, ...]
    hints: tuple[str, ...]
    section: str
    also: str
    minutes: int = 3
    projects: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a lesson calls it, such as ``q1``."""
        return f"q{self.number}"

    @property
    def key(self) -> str:
        """What it is called among those of all lessons, such as ``01.1``."""
        return f"{self.lesson}.{self.number}"

    @property
    def prose(self) -> str:
        """The task as one paragraph of Markdown, its lines joined."""
        return " ".join(self.task.split("\n")).strip()

    @property
    def opening(self) -> str:
        """The line of its cell from which on whatever is sent counts."""
        return f'{self.name} = exercises.of("{self.lesson}", {self.number})'

    @property
    def blank(self) -> str:
        """The code of its cell before anybody has tried."""
        return self.cell(GAP)

    def cell(self, attempt: str) -> str:
        """Return the code of its cell with ``attempt`` in the gap."""
        imports, gap, rest = self.starter.strip().partition("\n\n")
        before = f"{imports}\nfrom helpers import exercises{gap}{rest}".strip()
        return f"{before}\n\n{self.opening}\n\n{attempt.strip()}"
