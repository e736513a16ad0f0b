"""The rows of runs: those of one page, no more than an answer may have bytes, or one by one."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence

from helpers.langsmith_local.reading.turns import alone
from helpers.serving.bounds import PAGE_BYTES

__all__ = ["LONG", "SMALL_KIB", "each", "portion", "sizes"]

LARGE = PAGE_BYTES // 8
SMALL_KIB = 2_000  # SQLite's default for its cache
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
        size += _weighed(connection, run_id)
        if size > LARGE:
            alone()
        if found and size > PAGE_BYTES:
            read = at
            break
        found += connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchall()
    if size > LARGE:
        connection.execute("PRAGMA shrink_memory")  # the cache would keep the long texts
    return found, read


def sizes(connection: sqlite3.Connection, ids: Iterable[str]) -> Iterator[int]:
    """Yield how many bytes the long columns of each run have; 0 of one that is not there."""
    for run_id in ids:
        yield _weighed(connection, run_id)


def each(
    connection: sqlite3.Connection, ids: Iterable[str], long: Collection[str]
) -> Iterator[sqlite3.Row]:
    """Yield the row of each run that is there; of the columns in ``LONG`` only those of ``long``.

    The others are null in it.
    """
    names = [column[1] for column in connection.execute("PRAGMA table_info(runs)")]
    left = {name for name in LONG if name not in long}
    sql = ", ".join(f"NULL AS {name}" if name in left else name for name in names)
    for run_id in ids:
        size = _weighed(connection, run_id) if long else 0
        yield from connection.execute(f"SELECT {sql} FROM runs WHERE id = ?", (run_id,)).fetchall()
        if size > LARGE:
            connection.execute("PRAGMA shrink_memory")


def _weighed(connection: sqlite3.Connection, run_id: str) -> int:
    """Return the bytes of a run's long columns, 0 when it is gone; a large one is read alone."""
    size: int = (connection.execute(_SIZE, (run_id,)).fetchone() or (0,))[0]
    if size > LARGE:
        alone()
        # Pages of texts are of no use to the next one. The next query has its cache again.
        connection.execute(f"PRAGMA cache_size = -{SMALL_KIB}")
    return size
