"""A copy of the database that shows later what was written, as LangSmith does.

LangSmith checks and acknowledges what is sent at once, and makes it readable some time later, not
always in the order in which it came. Here every request that writes works on the database itself,
which so refuses what it must and loses nothing when the service ends; what is read comes from a
copy, to which each row that was written goes between half the lag and the whole of it later. How
much later depends on its id alone: changes of one run keep their order, and a child may be
readable before its root. Deletions hold at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import heapq
import itertools
import math
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.errors import TutorialError
from helpers.langsmith_local.store import Store

__all__ = ["MOST", "Replica", "seconds", "share"]

MOST = 600.0  # seconds; a lag that is longer is a mistake in the unit

# The tables that readers look at, and the columns that name a row. The side tables follow runs.
_KEYS = {
    "projects": ("id",),
    "runs": ("id",),
    "attachments": ("run_id", "name"),
    "feedback": ("id",),
}
_TOUCHED = (
    "CREATE TEMP TABLE IF NOT EXISTS touched (name TEXT, key TEXT, part TEXT, gone INTEGER, "
    "PRIMARY KEY (name, key, part, gone)) WITHOUT ROWID"
)


def seconds(value: str | float | None) -> float:
    """Return a lag as it was given, in seconds: 0 for none; ``TutorialError`` when it is wrong."""
    try:
        lag = float(value or 0)
    except ValueError:
        lag = math.nan
    if not 0 <= lag <= MOST:
        raise TutorialError(
            f"The lag is {value!r}, and must be a number of seconds from 0 to {MOST:g}, such as "
            "1 or 0.5: so much later is readable what is written. Set TUTORIAL_LAG=1, or unset it."
        )
    return lag


@dataclass(order=True, frozen=True, slots=True)
class _Held:
    """A row as it was when it was written, and when it goes to the copy."""

    due: float  # of time.monotonic()
    turn: int
    table: str = field(compare=False)
    key: tuple[str, str] = field(compare=False)
    row: sqlite3.Row = field(compare=False)


class Replica:
    """The copy, ``store``, of the database ``written``; it is there until ``close()``.

    What others write to the same file does not reach the copy.
    """

    def __init__(self, written: Store, lag: float) -> None:
        self.written = written
        self._lag = lag
        self._folder = tempfile.TemporaryDirectory(
            prefix=f"litellm-tutorial-{os.getpid()}-", ignore_cleanup_errors=True
        )
        self.store = Store(Path(self._folder.name) / "readable.sqlite", signed=written.signed)
        written.connection().backup(self.store.connection())
        self._held: list[_Held] = []
        self._turns = itertools.count()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def following(self) -> Iterator[Store]:
        """Give the database to a writer, and take note of what it wrote."""
        connection = self.written.connection()
        _watch(connection)
        yield self.written
        touched = connection.execute("SELECT name, key, part, gone FROM temp.touched").fetchall()
        connection.execute("DELETE FROM temp.touched")
        # One lock for both: nothing may bring back to the copy what is deleted here.
        with self._lock:
            self._delete([(row["name"], (row["key"], row["part"])) for row in touched if row[3]])
            for row in touched:
                if not row["gone"]:
                    self._hold(connection, row["name"], (row["key"], row["part"]))
        self.catch_up()  # also when nobody reads, or what is held would grow

    def catch_up(self) -> None:
        """Bring what is due to the copy; who reads calls it before, so that it is never late."""
        with self._lock:
            due = []
            while self._held and self._held[0].due <= time.monotonic():
                due.append(heapq.heappop(self._held))
            if due:
                with self.store.writing() as connection:
                    for held in due:
                        _show(connection, held)

    def close(self) -> None:
        """End the copy; what it did not show yet is in the database."""
        self.store.close()
        self._folder.cleanup()

    def _hold(self, connection: sqlite3.Connection, table: str, key: tuple[str, str]) -> None:
        row = connection.execute(f"SELECT * FROM {table} WHERE {_where(table)}", key).fetchone()
        if row is not None:
            due = time.monotonic() + self._lag * share(table, key[0])
            heapq.heappush(self._held, _Held(due, next(self._turns), table, key, row))

    def _delete(self, gone: list[tuple[str, tuple[str, str]]]) -> None:
        if not gone:
            return
        rows = set(gone)
        self._held = [held for held in self._held if (held.table, held.key) not in rows]
        heapq.heapify(self._held)
        with self.store.writing() as connection:
            for table, key in gone:
                connection.execute(f"DELETE FROM {table} WHERE {_where(table)}", key)
        if any(table == "projects" for table, _ in gone):
            self.store.erase()


def _watch(connection: sqlite3.Connection) -> None:
    """Let the connection of a writer note each row that it changes."""
    if connection.execute("SELECT 1 FROM sqlite_temp_master WHERE name = 'touched'").fetchone():
        return
    connection.execute(_TOUCHED)
    for table, columns in _KEYS.items():
        for event, side in (("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")):
            names = [f"{side}.{column}" for column in columns]
            key = ", ".join(names if len(names) == 2 else [*names, "''"])
            connection.execute(
                f"CREATE TEMP TRIGGER {table}_{event} AFTER {event} ON main.{table} BEGIN "
                f"INSERT OR IGNORE INTO touched VALUES ('{table}', {key}, {int(side == 'old')}); "
                "END"
            )


def _show(connection: sqlite3.Connection, held: _Held) -> None:
    names: list[str] = held.row.keys()
    key = _KEYS[held.table]
    sets = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    connection.execute(
        f"INSERT INTO {held.table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets}",
        tuple(held.row),
    )
    if held.table == "runs":
        connection.execute("INSERT OR IGNORE INTO unsettled VALUES (?)", (held.key[0],))


def _where(table: str) -> str:
    columns: tuple[Any, ...] = _KEYS[table]
    # Both values are given always; that of a key with one column is empty.
    return f"{columns[0]} = ? AND {columns[1] if len(columns) == 2 else repr('')} = ?"


def share(table: str, key: str) -> float:
    """Return which share of the lag a row waits: from a half to all of it, by its id."""
    if table == "projects":
        return 0.5  # never after its runs, which need it
    return 0.5 + 0.5 * hashlib.blake2b(key.encode(), digest_size=1).digest()[0] / 255
