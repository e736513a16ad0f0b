"""The rows of one page: no more of them than an answer may have bytes."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from helpers.serving.bounds import PAGE_BYTES

__all__ = ["portion"]

LARGE = PAGE_BYTES // 8
LONG = ("error", "inputs", "outputs", "events", "extra", "metadata", "serialized", "tags")
_BYTES = (f"ifnull(length(CAST({column} AS BLOB)), 0)" for column in LONG)
_SIZE = f"SELECT {' + '.join(_BYTES)} FROM runs WHERE id = ?"


def portion(connection: sqlite3.Connection, ids: Sequence[str]) -> tuple[list[sqlite3.Row], int]:
    """Return the rows of runs in this order, and how many of the ids they are of.

    It ends before the run with which they would have more than ``PAGE_BYTES``; the first is given
    whatever it has. An id that is not there any more has no row.
    """
    found: list[sqlite3.Row] = []
    size, read = 0, len(ids)
    # One at a time: SQLite would sort them with all that they hold. And no row that is not given.
    for at, run_id in enumerate(ids):
        (more,) = connection.execute(_SIZE, (run_id,)).fetchone() or (0,)
        size += more
        if found and size > PAGE_BYTES:
            read = at
            break
        found += connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchall()
    if size > LARGE:
        connection.execute("PRAGMA shrink_memory")  # the cache would keep the long texts
    return found, read
