"""The explorer's list, kept up to date by asking for what is newer, and seldom for all."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from helpers.view.explorer.rows import row_of
from helpers.view.records import Run

__all__ = ["AHEAD", "MOST", "Listing", "Source"]

MOST = 1000  # traces that are listed
AHEAD = 10  # of them, the newest, are read whole before anybody opens them
LATE = timedelta(seconds=30)  # after its start a run may still arrive
ALL_SECONDS = 60.0  # after which all is read again: scores, deletions, what was later still


class Source(Protocol):
    """Where an explorer's traces come from."""

    def roots(self, filter: str, search: str, most: int, since: datetime | None) -> list[Run]:
        """Return the newest root runs of the traces that have a run which passes, newest first.

        ``since`` leaves those that began then or later.
        """
        ...

    def recent(self, most: int, since: datetime | None) -> list[Run]:
        """Return the newest runs, without what they hold: id, trace, status, start."""
        ...

    def trace(self, trace_id: str) -> Run | None:
        """Return a trace whole, as its root, or None."""
        ...

    def score(self, run_id: str, trace_id: str, key: str, score: float) -> None:
        """Give a run a score, as feedback."""
        ...

    def link(self, run_id: str, trace_id: str) -> str | None:
        """Return what opens the page of a run from where the explorer is seen, or None."""
        ...

    @property
    def pause(self) -> float:
        """Seconds between two looks for new traces."""
        ...

    @property
    def over(self) -> bool:
        """Whether there is nothing left to look at: the session has ended."""
        ...


class Listing:
    """The rows of the traces that pass a filter and a search, newest first."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.filter, self.search = "", ""
        self._rows: dict[str, dict[str, Any]] = {}
        self._starts: dict[str, datetime] = {}
        self._recent: list[Run] = []  # the runs that came lately
        self._looked: datetime | None = None
        self._read = -ALL_SECONDS

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What the browser lists."""
        return sorted(self._rows.values(), key=lambda row: row["start"], reverse=True)[:MOST]

    def all(self, most: int = MOST) -> None:
        """Read the list anew, ``most`` traces of it; ``news`` goes on from there."""
        roots = self._source.roots(self.filter, self.search, most, None)
        self._rows, self._starts = {}, {}
        self._add(roots)
        # What ``most`` left out comes with the next look.
        self._read = time.monotonic() if most == MOST else -ALL_SECONDS

    def news(self) -> set[str]:
        """Look for runs that came or ended; return the ids of their traces, listed or not."""
        now = datetime.now(UTC)
        recent = self._source.recent(MOST, self._looked - LATE if self._looked else None)
        changed = self._changed(recent)
        if time.monotonic() - self._read >= ALL_SECONDS:
            self.all()
        elif changed:
            known = [self._starts[each] for each in changed if each in self._starts]
            began = min([*known, *(run.start for run in recent if run.trace_id in changed)])
            roots = self._source.roots(self.filter, self.search, MOST, began)
            for each in changed:  # those that do not pass any more
                self._rows.pop(each, None)
            self._add(roots)
        self._recent, self._looked = recent, now  # after a failure the same is asked again
        return changed

    def _changed(self, recent: list[Run]) -> set[str]:
        """Return the ids of traces with a run that came, or that ended."""
        seen = {run.id: run.status for run in self._recent}
        changed = {run.trace_id for run in recent if seen.get(run.id) != run.status}
        if self._looked is None:
            changed -= self._rows.keys()  # they were read a moment ago
        # A run that began long ago is not among the recent ones when it ends.
        return changed | {row["id"] for row in self.rows[:AHEAD] if row["status"] == "pending"}

    def _add(self, roots: list[Run]) -> None:
        for root in roots:
            self._rows[root.trace_id] = row_of(root)
            self._starts[root.trace_id] = root.start
