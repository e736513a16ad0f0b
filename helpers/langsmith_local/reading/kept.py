"""Statistics that are at hand until something is written.

Those of a large project, and of its runs of each kind of which there are many, are worked out
beforehand, when nobody waits: the first who asks for them would else wait as long as a walk over
all its runs takes, two microseconds a run.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator
from typing import Any

from helpers.langsmith_local.database import DatabaseError
from helpers.langsmith_local.filtering.condition import equal
from helpers.langsmith_local.reading.portion import SMALL_KIB
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.reading.stats import statistics
from helpers.langsmith_local.store import Store

__all__ = ["kept_statistics", "prepare"]

LEAST = 10_000  # runs of a project below which it is quick anyway
MOST = 200_000  # and above which even that would keep the others waiting
ANSWERS = 60
KINDS = "SELECT run_type, count(*) FROM runs INDEXED BY runs_scan WHERE project_id = ? GROUP BY 1"


def kept_statistics(store: Store, selection: Selection) -> dict[str, Any]:
    """Return ``statistics`` of the selection, as they were worked out if nothing came since."""
    version = store.version()  # before the runs are read, so that what comes meanwhile counts
    if (known := _at_hand(store, selection, version)) is not None:
        return known
    found = statistics(store.connection(), selection)
    if len(store.kept) >= ANSWERS:
        store.kept.clear()
    store.kept[selection] = version, found
    return found


def prepare(store: Store) -> bool:
    """Work out one of the statistics of large projects that are not at hand.

    Return whether more of them may be missing.
    """
    try:
        for selection in itertools.islice(_large(store), ANSWERS // 2):  # beside what is asked for
            if _at_hand(store, selection, store.version()) is None:
                kept_statistics(store, selection)
                return True
    except (DatabaseError, sqlite3.Error):
        pass  # who asks is told
    finally:
        # The thread that writes seldom reads: its cache would be one more for nothing.
        with contextlib.suppress(sqlite3.Error):
            store.connection().execute(f"PRAGMA cache_size = -{SMALL_KIB}")
    return False


def _at_hand(store: Store, selection: Selection, version: int) -> dict[str, Any] | None:
    kept = store.kept.get(selection)
    return kept[1] if kept is not None and kept[0] == version else None


def _large(store: Store) -> Iterator[Selection]:
    """Yield the large projects, and of each the kinds of which it has many runs."""
    for (project,) in store.connection().execute("SELECT id FROM projects").fetchall():
        if LEAST <= _runs(store, project) <= MOST:
            yield Selection((project,))
            for kind, runs in store.connection().execute(KINDS, (project,)).fetchall():
                if runs >= LEAST:
                    yield Selection((project,), (equal("run_type", kind),))


def _runs(store: Store, project: str) -> int:
    counted = "SELECT count(*) FROM (SELECT 1 FROM runs WHERE project_id = ? LIMIT ?)"
    found: int = store.connection().execute(counted, (project, MOST + 1)).fetchone()[0]
    return found
