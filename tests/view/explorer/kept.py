"""Traces in memory, as a source for the explorer, and a screen that remembers what it was sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from helpers.view import ReadError, Run

__all__ = ["Kept", "Screen", "run", "until"]

_began = datetime.now(UTC) - timedelta(hours=1)
_made = 0


def run(name: str, **fields: Any) -> Run:
    """Return a root run that began after those that were made before."""
    global _made
    _made += 1
    start = _began + timedelta(milliseconds=_made)
    known = {"id": name, "trace_id": name, "start": start, "seconds": 1.0}
    return Run(**{**known, **fields}, name=name)


class Kept:
    """A source in memory, oldest first; ``asked`` is what was asked of it."""

    pause = 0.02

    def __init__(self, *roots: Run) -> None:
        self.kept, self.asked, self.scores, self.over = list(roots), [], [], False
        self.broken = False

    def roots(self, filter: str, search: str, most: int, since: datetime | None) -> list[Run]:
        self.asked.append(("roots", filter, search, most, since))
        if filter == "nonsense" or self.broken:
            raise ReadError("The filter ends too early.")
        found = [root for root in self._since(since) if search in root.name]
        return [replace(root, children=()) for root in found][:most]

    def recent(self, most: int, since: datetime | None) -> list[Run]:
        self.asked.append(("recent", most, since))
        return [each for root in self._since(since) for each in root.walk()][:most]

    def trace(self, trace_id: str) -> Run | None:
        self.asked.append(("trace", trace_id))
        return next((root for root in self.kept if root.trace_id == trace_id), None)

    def score(self, run_id: str, trace_id: str, key: str, score: float) -> None:
        self.scores.append((run_id, trace_id, key, score))

    def link(self, run_id: str, trace_id: str) -> str | None:
        return f"https://smith.example/{trace_id}/{run_id}" if run_id != "nowhere" else None

    def put(self, root: Run) -> None:
        """Put a trace in the place of the one with its id."""
        self.kept = [root if each.trace_id == root.trace_id else each for each in self.kept]

    def _since(self, since: datetime | None) -> list[Run]:
        newest = sorted(self.kept, key=lambda root: root.start, reverse=True)
        return [root for root in newest if since is None or root.start >= since]


class Screen:
    """What a browser would be shown."""

    follow, comm = True, object()

    def __init__(self) -> None:
        self.rows: Any = []
        self.runs: Any = {}
        self.note, self.sent = "", []

    def send(self, content: Any) -> None:
        self.sent.append(content)

    @property
    def names(self) -> list[str]:
        return [row["name"] for row in self.rows]


def until(there: Callable[[], bool]) -> bool:
    """Wait until something is there; False if it is not within ten seconds."""
    deadline = time.monotonic() + 10
    while not there() and time.monotonic() < deadline:
        time.sleep(0.01)
    return there()
