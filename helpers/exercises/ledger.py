"""What a learner has done, in a file of the learner's own.

It is ``progress.json``, or what ``TUTORIAL_PROGRESS`` names (see ``helpers.own_file``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpers.exercises.catalogue import every
from helpers.exercises.declaration import Exercise
from helpers.own_file import OwnFile

__all__ = ["Ledger", "Progress"]

VARIABLE = "TUTORIAL_PROGRESS"


@dataclass(frozen=True)
class Ledger:
    """The file: for each exercise, as "01.2", when it was right first, and attempts."""

    file: OwnFile

    @classmethod
    def of_learner(cls) -> Ledger:
        """Return the learner's own."""
        return cls(OwnFile.of_learner("progress", what="Your progress", variable=VARIABLE))

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.file.path

    def read(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what was noted; nothing, where there is no file of ours."""
        done = (self.file.content() or {}).get("exercises")
        return done if isinstance(done, dict) else {}

    def note(self, exercise: Exercise, *, right: bool) -> str:
        """Note an attempt; returns a sentence that says why it could not be, or nothing."""
        done = {name: dict(each) for name, each in self.read().items()}
        entry = done.setdefault(exercise.key, {"attempts": 0})
        if "right" in entry and right:
            return ""
        entry["attempts"] = int(entry.get("attempts", 0)) + 1
        if right:
            entry["right"] = datetime.now(UTC).isoformat(timespec="seconds")
        return self.file.write({"exercises": done})

    def forget(self) -> str:
        """Take away the file, if it is ours; returns a sentence that says what happened."""
        if not self.path.exists():
            return "There was no progress yet."
        if self.file.content() is None:
            return f"{self.path} is not a file of this course, and was left as it is."
        self.path.unlink()
        return "The course begins anew."


@dataclass(frozen=True, repr=False)
class Progress:
    """What was done of each lesson: a line each, with a mark for each exercise."""

    ledger: Ledger

    def __repr__(self) -> str:
        done = self.ledger.read()
        lines = []
        for lesson, exercises in every().items():
            marks = [_mark(done.get(each.key, {}), each) for each in exercises]
            lines.append(f"lesson {lesson}: {', '.join(marks)}")
        return "\n".join(lines)

    def reset(self) -> str:
        """Begin anew; returns a sentence that says what happened."""
        return self.ledger.forget()


def _mark(entry: Mapping[str, Any], exercise: Exercise) -> str:
    if "right" in entry:
        return f"{exercise.name} right"
    return f"{exercise.name} {'tried' if entry.get('attempts') else 'open'}"
