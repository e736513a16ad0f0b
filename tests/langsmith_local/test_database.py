"""The file of the traces: what is told of one that cannot be used, and what stays as it was."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from helpers.langsmith_local import database
from helpers.langsmith_local.database import DatabaseError, examine, failure, make_private
from helpers.langsmith_local.schema import SCHEMA, TABLES, VERSION
from helpers.langsmith_local.store import Store
from tests.langsmith_local.stored import add_project, add_run

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "traces.sqlite"


def error_of(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("it went wrong")
    error.sqlite_errorcode = code
    return error


def test_a_file_that_is_not_there_and_an_empty_one_can_be_made_into_one(path):
    examine(path)
    path.touch()
    examine(path)


def test_one_of_ours_is_left_as_it_is_with_nothing_beside_it(path):
    Store(path).close()
    before = path.read_bytes()
    examine(path)
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]


def test_one_that_is_in_use_is_ours_too(path):
    store = Store(path)
    examine(path)
    store.close()


@posix
def test_it_is_made_for_its_user_alone_and_taken_from_others(path):
    make_private(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o664)
    make_private(path)
    assert path.stat().st_mode & 0o777 == 0o600


@posix
def test_what_sqlite_writes_beside_it_is_private_too(path):
    before = os.umask(0)
    try:
        store = Store(path)
    finally:
        os.umask(before)
    beside = sorted(each.name for each in path.parent.iterdir())
    assert beside == ["traces.sqlite", "traces.sqlite-shm", "traces.sqlite-wal"]
    assert {each.stat().st_mode & 0o777 for each in path.parent.iterdir()} == {0o600}
    store.close()


@pytest.mark.parametrize(
    ("code", "said", "status"),
    [
        (sqlite3.SQLITE_BUSY, "locked by another program", 503),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "locked by another program", 503),
        (sqlite3.SQLITE_FULL, "disk is full", 507),
        (sqlite3.SQLITE_READONLY_DBMOVED, "cannot be written", 507),
        (sqlite3.SQLITE_CANTOPEN, "cannot be written", 507),
        (sqlite3.SQLITE_CORRUPT_VTAB, "is damaged", 507),
        (sqlite3.SQLITE_IOERR_FSYNC, "disk of .* fails", 507),
    ],
)
def test_each_failure_is_one_line_with_the_file_and_a_way_out(path, code, said, status):
    told = failure(error_of(code), path)
    assert told is not None and told.status == status
    assert str(path) in str(told) and "give another file" in str(told)
    assert "\n" not in str(told)
    with pytest.raises(DatabaseError, match=said):
        raise told


def test_an_error_of_ours_is_not_the_files(path):
    assert failure(error_of(sqlite3.SQLITE_CONSTRAINT_UNIQUE), path) is None
    assert failure(sqlite3.ProgrammingError("closed"), path) is None


def test_the_statements_of_a_script_are_found_in_spite_of_semicolons_in_comments():
    found = list(database.statements(SCHEMA))
    assert "".join(found).strip() == SCHEMA.strip()
    assert len([each for each in found if "CREATE TABLE" in each]) == len(TABLES | {"changed_runs"})
    assert all(each.count("CREATE") == 1 for each in found)


def test_a_newer_version_is_named_with_the_newest_that_is_read(path):
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(DatabaseError, match=f"version {VERSION + 1}.*up to {VERSION}.*git pull"):
        examine(path)


def test_a_link_to_a_database_is_followed(path, tmp_path):
    Store(path).close()
    link = tmp_path / "link.sqlite"
    link.symlink_to(path)
    Store(link).close()


def test_a_sound_file_with_tags_is_no_damaged_one(path):
    store = Store(path)
    with store.writing() as connection:
        add_project(connection)
        add_run(connection, "one", tags=["a"], metadata={"k": "v"})
    store.close()
    examine(path)  # SQLite 3.40.1 has a quick check that calls it damaged
