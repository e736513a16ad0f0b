"""The SQLite database behind the local LangSmith."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import uuid
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

from helpers.langsmith_local.index import settle
from helpers.langsmith_local.schema import SCHEMA

__all__ = ["Store"]

BUSY_SECONDS = 30
# Others may write between two portions.
SETTLED_AT_ONCE = 2_000


class _Connection(sqlite3.Connection):
    """A connection that a weak set can hold."""


class Store:
    """One database file; each thread has its own connection to it.

    Several processes may hold the same file: writers take turns (``writing``), readers see the
    last committed state. ``signed`` makes the address of an attachment out of its path. Raises
    ``sqlite3.Error`` when the file is no database.
    """

    #: The one workspace. It is the same everywhere, so that addresses in outputs are too.
    tenant_id: str = str(uuid.uuid5(uuid.NAMESPACE_URL, "langsmith-local"))

    def __init__(self, path: Path, *, signed: Callable[[str], str] = str) -> None:
        self.path = Path(path)
        self.signed = signed
        self._threads = threading.local()
        self._connections: weakref.WeakSet[_Connection] = weakref.WeakSet()
        self._turn = threading.RLock()
        self.connection().executescript(SCHEMA)

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection, in autocommit mode, with rows that have names."""
        connection: _Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = self._threads.connection = self._connect()
        return connection

    def disconnect(self) -> None:
        """Close this thread's connection; the next use opens another.

        The statements that a connection keeps hold what was bound to them last, however large.
        """
        connection = self.connection()
        self._connections.discard(connection)  # type: ignore[arg-type]
        del self._threads.connection
        connection.close()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start; an error undoes all of it."""
        connection = self.connection()
        # Threads wait here: SQLite's own waiting sleeps and is not first come, first served.
        with self._turn:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def erase(self) -> None:
        """Take out of the file, and out of its write-ahead log, what deleted rows left there.

        SQLite marks their pages as free and leaves the bytes. Takes as long as writing the file
        anew; raises ``sqlite3.OperationalError`` while another process keeps it locked.
        """
        connection = self.connection()
        with self._turn:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def settle(self) -> None:
        """Bring what ingestion put off up to date; readers call it before a query.

        With nothing to do it costs one look at an empty table.
        """
        connection = self.connection()
        while connection.execute("SELECT 1 FROM unsettled LIMIT 1").fetchone():
            with self.writing():
                settle(connection, limit=SETTLED_AT_ONCE)

    def project(self, name_or_id: str) -> sqlite3.Row | None:
        """Return the row of a project, by its id or else its name."""
        found = self.connection().execute(
            "SELECT * FROM projects WHERE id = ? OR name = ? ORDER BY id = ? DESC LIMIT 1",
            (name_or_id,) * 3,
        )
        row: sqlite3.Row | None = found.fetchone()
        return row

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in list(self._connections):
            connection.close()
        self._threads = threading.local()

    def _connect(self) -> _Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            factory=_Connection,
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        self._connections.add(connection)
        return connection
