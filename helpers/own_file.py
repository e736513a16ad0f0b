"""A file of the learner's own, which the course keeps and nobody else reads.

It lies in the folder that the system has for programs' data, or where a variable says. Nothing of
it leaves this machine, and a file that is not ours is left as it is.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["OwnFile"]

PROGRAM = "litellm-langsmith-tutorial"


@dataclass(frozen=True)
class OwnFile:
    """JSON at ``path`` that says it has the format ``format``.

    ``what`` names its content in sentences ("Your progress"), ``variable`` is the one that puts it
    elsewhere.
    """

    path: Path
    format: str
    what: str
    variable: str

    @classmethod
    def of_learner(cls, name: str, *, what: str, variable: str) -> OwnFile:
        """Return the learner's file ``name``.json."""
        import platformdirs

        given = os.environ.get(variable, "").strip()
        folder = platformdirs.user_data_path(PROGRAM, appauthor=False)
        path = Path(given) if given else folder / f"{name}.json"
        return cls(path, f"{PROGRAM} {name} 1", what, variable)

    def content(self) -> dict[str, Any] | None:
        """Return what the file holds, None where it is missing or not ours."""
        with contextlib.suppress(OSError, ValueError):
            there = json.loads(self.path.read_text("utf-8"))
            if isinstance(there, dict) and there.get("format") == self.format:
                return there
        return None

    def write(self, content: Mapping[str, Any]) -> str:
        """Write it in one step; returns a sentence that says why that could not be, or nothing."""
        if self.path.exists() and self.content() is None:
            return (
                f"{self.what} was not kept: {self.path} is not a file of this course. "
                f"Move it away, or set {self.variable} to the path of another."
            )
        text = json.dumps({"format": self.format, **content}, indent=1, sort_keys=True)
        partial = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(text + "\n", "utf-8")
            os.replace(partial, self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink()
            return (
                f"{self.what} was not kept: {self.path} could not be written ({error.strerror}). "
                f"Set {self.variable} to a path that can."
            )
        return ""
