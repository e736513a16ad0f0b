"""What a learner has done, in a file of the learner's own.

It is ``progress.json`` in the folder that the system has for programs' data, or what
``TUTORIAL_PROGRESS`` names. Nothing of it leaves this machine, and a file that is not ours is left
as it is.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from helpers.exercises.catalogue import every
from helpers.exercises.declaration import Exercise

__all__ = ["Ledger", "Progress"]

VARIABLE = "TUTORIAL_PROGRESS"
PROGRAM = "litellm-langsmith-tutorial"
FORMAT = "litellm-langsmith-tutorial progress 1"


@dataclass(frozen=True)
class Ledger:
    """The file at ``path``: for each exercise, as "01.2", when it was right first, and attempts."""

    path: Path

    @classmethod
    def of_learner(cls) -> Ledger:
        """Return the learner's own."""
        import platformdirs

        given = os.environ.get(VARIABLE, "").strip()
        folder = platformdirs.user_data_path(PROGRAM, appauthor=False)
        return cls(Path(given) if given else folder / "progress.json")

    def read(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what was noted; nothing, where there is no file of ours."""
        done = (self._content() or {}).get("exercises")
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
        return self._write(done)

    def forget(self) -> str:
        """Take away the file, if it is ours; returns a sentence that says what happened."""
        if not self.path.exists():
            return "There was no progress yet."
        if not self._ours():
            return f"{self.path} is not a file of this course, and was left as it is."
        self.path.unlink()
        return "The course begins anew."

    def _ours(self) -> bool:
        return self._content() is not None

    def _content(self) -> dict[str, Any] | None:
        """Return what the file holds, None where it is missing or not ours."""
        with contextlib.suppress(OSError, ValueError):
            there = json.loads(self.path.read_text("utf-8"))
            if isinstance(there, dict) and there.get("format") == FORMAT:
                return there
        return None

    def _write(self, done: Mapping[str, Mapping[str, Any]]) -> str:
        if self.path.exists() and not self._ours():
            return (
                f"Your progress was not kept: {self.path} is not a file of this course. "
                f"Move it away, or set {VARIABLE} to the path of another."
            )
        text = json.dumps({"format": FORMAT, "exercises": done}, indent=1, sort_keys=True)
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(text + "\n", "utf-8")
            os.replace(partial, self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink()
            return (
                f"Your progress was not kept: {self.path} could not be written ({error.strerror}). "
                f"Set {VARIABLE} to a path that can."
            )
        return ""


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
