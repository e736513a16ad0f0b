"""Files, folders and disks that are not as they should be."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.langsmith_local import database, store

__all__ = ["fill", "held", "of_older_version", "ordinary_user", "overwritten", "sqlite"]

# linux/capability.h: the version of the call that takes 64 bits in two halves, and the two powers
# by which an administrator reads and writes what permissions deny.
VERSION_3 = 0x20080522
DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2


class Header(ctypes.Structure):
    """Whose capabilities are meant: those of the thread that asks."""

    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class Half(ctypes.Structure):
    """32 of the capabilities: what is in force, what may be, and what children get."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


@contextlib.contextmanager
def ordinary_user() -> Iterator[Path]:
    """Go on as a user whom permissions concern, with a folder of that user's own.

    The administrator of a machine, as whom containers run, may do everything. That power is laid
    down here for the thread and those that it starts; another user would not do, because a
    namespace of users may know none.
    """
    folder = Path(tempfile.mkdtemp(prefix="tests-faults-"))
    try:
        with concerned_by_permissions():
            yield folder
    finally:
        for each in (folder, *folder.rglob("*")):
            if not each.is_symlink():
                each.chmod(0o700)
        shutil.rmtree(folder)


@contextlib.contextmanager
def concerned_by_permissions() -> Iterator[None]:
    """Lay down the power to read and write whatever permissions say, where this user has it."""
    if os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("root of a machine without Linux's capabilities is above permissions")
    libc = ctypes.CDLL(None, use_errno=True)
    header, halves = Header(VERSION_3, 0), (Half * 2)()

    def call(name: str) -> None:
        if getattr(libc, name)(ctypes.byref(header), halves) != 0:
            raise OSError(ctypes.get_errno(), f"{name} failed")

    call("capget")
    before = halves[0].effective
    halves[0].effective &= ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH)
    call("capset")
    try:
        yield
    finally:
        halves[0].effective = before
        call("capset")


def sqlite(path: Path, *statements: str) -> Path:
    """Make a database of the given statements."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


def of_older_version(path: Path) -> Path:
    """Take from a database what says that it is ours, which files did not have at first.

    Nor had their projects an end.
    """
    unmarked = ("PRAGMA application_id = 0", "PRAGMA user_version = 0")
    return sqlite(path, "ALTER TABLE projects DROP COLUMN end_time", *unmarked)


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep the write lock of a database, as another program does that is stopped in a write."""
    other = sqlite3.connect(path, isolation_level=None)
    with contextlib.closing(other):
        other.execute("BEGIN IMMEDIATE")
        yield


@contextlib.contextmanager
def overwritten(path: Path) -> Iterator[None]:
    """Write nonsense over all pages of a database but the first, and over what waits beside it."""
    beside = path.with_name(f"{path.name}-wal")
    for file, start in ((path, 4096), (beside, 0)):
        if not file.exists():
            continue
        with file.open("r+b") as opened:
            opened.seek(start)
            opened.write(b"\xa5" * (file.stat().st_size - start))
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
