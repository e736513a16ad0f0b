"""Statistics that are at hand until something is written.

Those of a large project are worked out beforehand, when nobody waits: the first who asks for them
would else wait as long as a walk over all its runs takes, two microseconds a run.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

from helpers.langsmith_local.database import DatabaseError
from helpers.langsmith_local.reading.portion import SMALL_KIB
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.reading.stats import statistics
from helpers.langsmith_local.store import Store

__all__ = ["kept_statistics", "prepare"]

LEAST = 10_000  # runs of a project below which it is quick anyway
MOST = 200_000  # and above which even that would keep the others waiting
ANSWERS = 20


def kept_statistics(store: Store, selection: Selection) -> dict[str, Any]:
    """Return ``statistics`` of the selection, as they were worked out if nothing came since."""
    version = store.version()  # before the runs are read, so that what comes meanwhile counts
    kept = store.kept.get(selection)
    if kept is not None and kept[0] == version:
        found: dict[str, Any] = kept[1]
        return found
    found = statistics(store.connection(), selection)
    if len(store.kept) >= ANSWERS:
        store.kept.clear()
    store.kept[selection] = version, found
    return found


def prepare(store: Store) -> None:
    """Work out the statistics of whole projects that are large, unless they are at hand."""
    try:
        for (project,) in store.connection().execute("SELECT id FROM projects").fetchall():
            if LEAST <= _runs(store, project) <= MOST:
                kept_statistics(store, Selection((project,)))
    except (DatabaseError, sqlite3.Error):
        return  # who asks is told
    finally:
        # The thread that writes seldom reads: its cache would be one more for nothing.
        with contextlib.suppress(sqlite3.Error):
            store.connection().execute(f"PRAGMA cache_size = -{SMALL_KIB}")


def _runs(store: Store, project: str) -> int:
    counted = "SELECT count(*) FROM (SELECT 1 FROM runs WHERE project_id = ? LIMIT ?)"
    found: int = store.connection().execute(counted, (project, MOST + 1)).fetchone()[0]
    return found
