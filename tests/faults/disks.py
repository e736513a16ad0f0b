"""Files, folders and disks that are not as they should be."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.langsmith_local import database, store

__all__ = ["fill", "held", "of_older_version", "ordinary_user", "sqlite"]

NOBODY = 65534


@contextlib.contextmanager
def ordinary_user() -> Iterator[Path]:
    """Go on as a user whom permissions concern, with a folder of that user's own.

    The administrator of a machine, as whom containers run, may do everything.
    """
    folder = Path(tempfile.mkdtemp(prefix="tests-faults-"))
    privileged = hasattr(os, "geteuid") and os.geteuid() == 0
    try:
        if privileged:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        yield folder
    finally:
        if privileged:
            os.seteuid(0)
        for each in (folder, *folder.rglob("*")):
            if not each.is_symlink():
                each.chmod(0o700)
        shutil.rmtree(folder)


def sqlite(path: Path, *statements: str) -> Path:
    """Make a database of the given statements."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


def of_older_version(path: Path) -> Path:
    """Take from a database what says that it is ours, which files did not have at first."""
    return sqlite(path, "PRAGMA application_id = 0", "PRAGMA user_version = 0")


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep the write lock of a database, as another program does that is stopped in a write."""
    other = sqlite3.connect(path, isolation_level=None)
    with contextlib.closing(other):
        other.execute("BEGIN IMMEDIATE")
        yield


def fill(monkeypatch: pytest.MonkeyPatch, *, pages: int) -> None:
    """Let every database be on a disk that holds so many pages of 4 KiB of it, and no more."""
    connect = store.Store._connect

    def bounded(self: store.Store) -> sqlite3.Connection:
        connection = connect(self)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(store.Store, "_connect", bounded)


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a lock only as long as a test can."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
