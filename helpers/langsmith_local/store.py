"""The SQLite database behind the local LangSmith."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
import uuid
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from helpers.langsmith_local import database, keysets, trigrams
from helpers.langsmith_local.index import settle
from helpers.langsmith_local.schema import APPLICATION, SCHEMA, STEPS, VERSION

__all__ = ["Store"]

PAUSE = 0.05  # seconds between two tries where SQLite itself does not wait
# Others may write between two portions.
SETTLED_AT_ONCE = 2_000
TENDED_AT_ONCE = 100  # some hundredths of a second, which is what a request may wait for it


class _Connection(sqlite3.Connection):
    """A connection that a weak set can hold."""


class Store:
    """One database file; each thread has its own connection to it.

    Several processes may hold the same file: writers take turns (``writing``), readers see the
    last committed state. ``signed`` makes the address of an attachment out of its path. The file is
    private to the user, and brought to our version of the tables. Raises ``DatabaseError`` when it
    cannot be used, and leaves it as it was.
    """

    #: The one workspace. It is the same everywhere, so that addresses in outputs are too.
    tenant_id: str = str(uuid.uuid5(uuid.NAMESPACE_URL, "langsmith-local"))

    def __init__(self, path: Path, *, signed: Callable[[str], str] = str) -> None:
        self.path = Path(path)
        self.signed = signed
        self._threads = threading.local()
        self._connections: weakref.WeakSet[_Connection] = weakref.WeakSet()
        self._turn = threading.RLock()
        self._watching = threading.Lock()
        self._watch: _Connection | None = None
        #: Answers with the ``version`` that they hold for; for readers to fill.
        self.kept: dict[Any, tuple[int, Any]] = {}
        database.examine(self.path)
        database.make_private(self.path)
        self._file = os.stat(self.path)
        try:
            self._make_tables()
        except BaseException as error:
            self.close()
            self._tell(error)
            raise

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
        """One transaction that holds the write lock from its start; an error undoes all of it.

        What it wrote is in the file when the block has ended: it outlives a kill of the process.
        Raises ``DatabaseError`` when the file is full, locked, damaged or not to be written, and
        when it was deleted or replaced: SQLite would go on writing to what no name leads to.
        """
        connection = self.connection()
        # Threads wait here: SQLite's own waiting sleeps and is not first come, first served.
        with self._turn:
            self._check_there()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                # A full disk has SQLite undo by itself; what it says then would hide the cause.
                if connection.in_transaction:
                    with contextlib.suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                self._tell(error)
                raise

    def erase(self) -> None:
        """Take out of the file, and out of its write-ahead log, what deleted rows left there.

        SQLite marks their pages as free and leaves the bytes. Takes as long as writing the file
        anew; raises ``sqlite3.OperationalError`` while another process keeps it locked.
        """
        connection = self.connection()
        with self.writing():
            trigrams.forget(connection)
            keysets.forget(connection)
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

    def tend(self) -> bool:
        """Do a portion of what was put off, the index of texts too; return whether more is left.

        For times in which nobody waits. Raises what ``writing`` does.
        """
        connection = self.connection()
        if connection.execute("SELECT 1 FROM unsettled LIMIT 1").fetchone():
            with self.writing():
                settle(connection, limit=TENDED_AT_ONCE)
            return True
        if not connection.execute("SELECT 1 FROM unsearched LIMIT 1").fetchone():
            return False
        with self.writing():
            return trigrams.advance(connection, limit=TENDED_AT_ONCE)

    def version(self) -> int:
        """Return a number that is another one after each commit, of whatever process."""
        with self._watching:
            # A connection of its own: SQLite does not count what the same one has committed.
            self._watch = self._watch or self._connect()
            number: int = self._watch.execute("PRAGMA data_version").fetchone()[0]
            return number

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
        self._watch = None
        self.kept.clear()

    def _connect(self) -> _Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=database.BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            factory=_Connection,
        )
        self._connections.add(connection)
        connection.row_factory = sqlite3.Row
        _write_ahead(connection)
        # In this mode a commit outlives a kill of the process, and not always a loss of power.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _tell(self, error: BaseException) -> None:
        """Raise what an error of SQLite says about the file, if it says something."""
        if isinstance(error, sqlite3.Error) and (found := database.failure(error, self.path)):
            raise found from error

    def _make_tables(self) -> None:
        with self.writing() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            for each in range(version, VERSION):
                for statement in STEPS[each]:
                    connection.execute(statement)
            for statement in database.statements(SCHEMA):
                connection.execute(statement)
            trigrams.create(connection)
            keysets.create(connection)
            if version < VERSION:
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {VERSION}")

    def _check_there(self) -> None:
        try:
            if os.path.samestat(os.stat(self.path), self._file):
                return
        except OSError:
            pass
        raise database.DatabaseError(
            f"{self.path} was deleted or replaced while it was served. Start the service again "
            f"(python -m helpers serve --database {self.path})."
        )


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on; SQLite does not wait here when another process does the same."""
    deadline = time.monotonic() + database.BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)
