"""The file of the traces: whether it can be used, and one sentence for each way it cannot be.

It is looked at before a byte of it is changed, so that a file that is not ours stays as it was.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from helpers.errors import TutorialError
from helpers.langsmith_local.schema import APPLICATION, TABLES, VERSION

__all__ = ["BUSY_SECONDS", "DatabaseError", "examine", "failure", "make_private", "statements"]

# Well below the 10 seconds after which LangSmith's SDK gives up an upload (client.py:236, 0.15.0).
BUSY_SECONDS = 5.0
HEADER = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html
ANOTHER = "or give another file (python -m helpers serve --database FILE)"
# SQLite 3.40.1, which is Debian 12's, says so in its quick check of a sound table WITHOUT ROWID
# whose key has another order than its columns. Its whole check is right, and slower.
NULL = "NULL value in "
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
UNWRITABLE = (
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH),
)


class DatabaseError(TutorialError):
    """The file cannot be used; ``status`` is the answer to a request that needed it.

    503 when trying again may help, which SDKs do, and 507 when it does not (RFC 4918, section
    11.5: the server is unable to store what is needed).
    """

    def __init__(self, message: str, *, status: int = 507) -> None:
        super().__init__(message)
        self.status = status


def examine(path: Path) -> None:
    """Return when ``path`` is a database of ours, or when one can be made there.

    Raises ``DatabaseError`` for a folder, a file that is none of ours or of a newer version, and
    for one that is damaged, locked or not to be written. The file stays as it is.
    """
    _check_place(path)
    if not path.exists() or path.stat().st_size == 0:
        return
    try:
        with path.open("rb") as file:
            begins = file.read(len(HEADER))
    except OSError as error:
        raise _unwritable(path, f"it cannot be read: {error.strerror}") from error
    if begins != HEADER:
        raise DatabaseError(
            f"{path} is no SQLite database (it begins with {begins!r}), and stays as it is. "
            "Give the file of a database, or a name that no file has yet."
        )
    try:
        with contextlib.closing(_readonly(path)) as connection:
            _check_owner(path, connection)
            _check_pages(path, connection)
    except sqlite3.Error as error:
        if found := failure(error, path):
            raise found from error
        raise


def make_private(path: Path) -> None:
    """Make the file if it is missing, and take it from other users of the machine.

    SQLite gives what it writes beside the file (``-wal``, ``-shm``) the same permissions.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        for each in (path, *_beside(path)):
            with contextlib.suppress(FileNotFoundError, PermissionError):  # gone; another user's
                os.chmod(each, stat.S_IMODE(each.stat().st_mode) & 0o700)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def failure(error: sqlite3.Error, path: Path) -> DatabaseError | None:
    """Return what an error of SQLite says about the file; None for one that is ours to mend."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the details of extended codes
    if code in BUSY:
        return DatabaseError(
            f"{path} is locked by another program, for more than {BUSY_SECONDS:g} seconds now. "
            f"End what holds it, such as an open transaction in `sqlite3 {path}`, {ANOTHER}.",
            status=503,
        )
    if code == sqlite3.SQLITE_FULL:
        return DatabaseError(
            f"{path} cannot grow: its disk is full. Make room there (`df -h {path.parent}`), "
            f"{ANOTHER}; for a session, TMPDIR names another disk."
        )
    if code in DAMAGED:
        return _damaged(path, str(error))
    if code in UNWRITABLE:
        return _unwritable(path, str(error))
    if code == sqlite3.SQLITE_IOERR:
        return DatabaseError(
            f"The disk of {path} fails ({error}). Look at it (`df -h {path.parent}`), {ANOTHER}."
        )
    return None


def statements(script: str) -> Iterator[str]:
    """Yield the statements of ``script``; ``executescript`` would end the open transaction."""
    begun = ""
    for line in script.splitlines(keepends=True):
        begun += line
        if sqlite3.complete_statement(begun):
            yield begun
            begun = ""


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise DatabaseError(
            f"{path} is a folder, and the traces go to a file. Name one in it: "
            f"--database {path / 'traces.sqlite'}"
        )
    if not path.parent.is_dir():
        what = "a file" if path.parent.exists() else "not there"
        raise DatabaseError(
            f"{path} cannot be made: {path.parent} is {what}, and it should be a folder. "
            f"Make it with `mkdir -p {path.parent}`, {ANOTHER}."
        )
    if path.exists() and not path.is_file():
        raise DatabaseError(f"{path} is no regular file. Name one that is, {ANOTHER}.")
    if path.exists() and not os.access(path, os.W_OK):
        raise _unwritable(path, "it is read-only")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _unwritable(path, "its folder is read-only")


def _readonly(path: Path) -> sqlite3.Connection:
    """Open the file and change nothing, also not by making files beside it.

    ``immutable`` promises that nobody writes meanwhile, which a file beside it would contradict.
    """
    still = "" if any(each.exists() for each in _beside(path)) else "&immutable=1"
    uri = f"{path.resolve().as_uri()}?mode=ro{still}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _check_owner(path: Path, connection: sqlite3.Connection) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    # Before files had a mark they held all our tables and nothing in these two fields.
    unmarked = application == version == 0 and (not found or found >= TABLES)
    if application != APPLICATION and not unmarked:
        holds = ", ".join(sorted(name for name in found if "sqlite_" not in name)[:3])
        raise DatabaseError(
            f"{path} is a database of another program (it holds {holds or 'no table'}), and stays "
            "as it is. Give a file of traces, or a name that no file has yet."
        )
    if version > VERSION:
        raise DatabaseError(
            f"{path} was written by a newer version of this course: its tables are of version "
            f"{version}, and this one reads up to {VERSION}. Get that with `git pull`, {ANOTHER}."
        )


def _check_pages(path: Path, connection: sqlite3.Connection) -> None:
    (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said.startswith(NULL):
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise _damaged(path, str(said))


def _damaged(path: Path, how: str) -> DatabaseError:
    how = " ".join(how.split())
    return DatabaseError(
        f"{path} is damaged ({how}). Save what can be read with "
        f"`sqlite3 {path} .recover | sqlite3 saved.sqlite` and give that, {ANOTHER}."
    )


def _unwritable(path: Path, why: str) -> DatabaseError:
    return DatabaseError(
        f"{path} cannot be written ({why}), and traces that come must be. Allow it with "
        f"`chmod u+rwX {path.parent} {path}`, {ANOTHER}."
    )


def _beside(path: Path) -> list[Path]:
    path = path.resolve()  # of a link, SQLite takes the file that it leads to
    return [path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal")]
