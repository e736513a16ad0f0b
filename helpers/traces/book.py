"""What this process was shown already: one book for each address and project.

``show`` and ``wait`` write in it, so that neither presents as new what the other has returned. A
trace is new to a reader who asks by a name, or for any, when it was not there, ended, the last time
that somebody asked so.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from helpers import session
from helpers.view import Trace

__all__ = ["Book", "began", "book_of"]

NEVER = datetime.fromtimestamp(0, UTC)


@dataclass
class Book:
    """What was there, by the name that was asked for (None: any), and what was returned."""

    seen: dict[str | None, set[str]] = field(default_factory=dict)
    latest: dict[str | None, datetime] = field(default_factory=dict)  # start of the newest returned
    asked: datetime = NEVER  # when something was returned last
    runs: dict[str, int] = field(default_factory=dict)  # how many a returned trace had

    def is_new(self, root: Any, name: str | None, *, runs: float = -math.inf) -> bool:
        """Whether a root run of the API is new to who asks for ``name``.

        So is one that was returned with fewer ``runs`` than are asked for now.
        """
        if root.id in self.seen.get(name, ()):
            return self.runs.get(root.id, math.inf) < runs
        if root.start_time > self.latest.get(name, NEVER):
            return True
        # It began before what was returned last. By name that is told apart by ``seen``; others
        # were not looked at then, and what had ended by then was passed over.
        return root.end_time is not None and (name is not None or root.end_time > self.asked)

    def first(self, roots: list[Any], name: str | None) -> list[Any]:
        """Return ``roots`` in the order in which who asks for ``name`` would look at them.

        What has come or ended since goes before what began later and was returned before.
        """
        return sorted(roots, key=lambda root: self.is_new(root, name), reverse=True)

    def note(
        self, name: str | None, roots: list[Any], returned: list[Trace], *, asked: datetime
    ) -> None:
        """Write down that ``returned`` was given to who ``asked`` for ``name``, and when.

        ``roots`` is what there was; traces that have not ended stay new for when they have.
        """
        ended = {root.id for root in roots if root.end_time is not None}
        self.seen.setdefault(name, set()).update(ended)
        for trace in returned:
            root = trace.root
            self.runs[root.id] = sum(1 for _ in root.walk())
            for kind in (None, root.name):
                if root.complete:
                    self.seen.setdefault(kind, set()).add(root.id)
                self.latest[kind] = max(self.latest.get(kind, NEVER), root.start)
        if returned:
            self.asked = asked


_books: dict[tuple[str, str], Book] = {}


def book_of(address: str, project: str) -> Book:
    """Return the book of a project, which is made when it is asked for first."""
    return _books.setdefault((address, project), Book())


def began() -> datetime:
    """Return since when traces count as made here: the session's start, or this process's.

    The clock that decides is this machine's: who sends says when a run began.
    """
    if running := session.current():
        return running.began
    import psutil

    start = psutil.Process(os.getpid()).create_time()  # exact to a hundredth of a second
    return datetime.fromtimestamp(start, UTC) - timedelta(seconds=1)
