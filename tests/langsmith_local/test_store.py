"""The database: one connection a thread, writers in turn, nothing half written."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from helpers.langsmith_local import database
from helpers.langsmith_local.database import DatabaseError
from helpers.langsmith_local.projects import create
from helpers.langsmith_local.schema import APPLICATION, VERSION
from helpers.langsmith_local.store import Store

#: The tables as they were when the first file was written, which had no mark.
FIRST = Path(__file__).parent / "schemas" / "tables-1.sql"

WRITER = """
import sys
from pathlib import Path
from helpers.langsmith_local.projects import create
from helpers.langsmith_local.store import Store
store = Store(Path(sys.argv[1]))
for number in range(50):
    with store.writing() as connection:
        create(connection, f"{sys.argv[2]}-{number}", 0)
"""


def names(store: Store) -> list[str]:
    return [
        row["name"]
        for row in store.connection().execute("SELECT name FROM projects WHERE name <> 'default'")
    ]


def test_an_error_undoes_the_whole_transaction(store):
    with pytest.raises(ZeroDivisionError), store.writing() as connection:
        create(connection, "half", 0)
        raise ZeroDivisionError
    assert names(store) == []


def test_each_thread_has_its_own_connection(store):
    found = []
    thread = threading.Thread(target=lambda: found.append(store.connection()))
    thread.start()
    thread.join()
    assert found[0] is not store.connection() is store.connection()


def test_a_project_is_found_by_name_and_by_id(store):
    with store.writing() as connection:
        made = create(connection, "glossary", 0)
    assert store.project("glossary")["id"] == store.project(made)["id"] == made
    assert store.project("other") is None


def test_the_workspace_is_the_same_in_every_database(store, tmp_path):
    assert Store(tmp_path / "other.db").tenant_id == store.tenant_id


def test_threads_write_at_once(store):
    def write(word: str) -> None:
        for number in range(50):
            with store.writing() as connection:
                create(connection, f"{word}-{number}", 0)

    threads = [threading.Thread(target=write, args=(word,)) for word in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(store)) == 200


def test_processes_write_at_once(store, pytestconfig):
    command = [sys.executable, "-c", WRITER, str(store.path)]
    processes = [subprocess.Popen([*command, word], cwd=pytestconfig.rootpath) for word in "ab"]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert len(names(store)) == 100


def test_a_file_that_is_no_database_is_an_error_and_stays(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("These are notes, and they stay." * 100)
    with pytest.raises(DatabaseError, match="no SQLite database"):
        Store(notes)
    assert notes.read_text() == "These are notes, and they stay." * 100
    assert list(tmp_path.iterdir()) == [notes]


def test_a_file_says_that_it_is_ours_and_of_which_version(store):
    read = store.connection().execute
    assert read("PRAGMA application_id").fetchone()[0] == APPLICATION
    assert read("PRAGMA user_version").fetchone()[0] == VERSION


def test_a_file_of_the_first_version_gets_the_tables_of_ours_and_keeps_its_rows(tmp_path):
    old = tmp_path / "old.sqlite"
    with sqlite3.connect(old) as connection:
        connection.executescript(FIRST.read_text("utf-8"))
        connection.execute("INSERT INTO projects VALUES ('1', 'kept', 0, NULL, NULL)")
    store, new = Store(old), Store(tmp_path / "new.sqlite")
    assert tables(store) == tables(new)
    assert names(store) == ["kept"]
    assert store.connection().execute("PRAGMA user_version").fetchone()[0] == VERSION
    store.close()
    new.close()


def tables(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return the columns of each table, as a statement that uses them finds them."""
    read = store.connection().execute
    found = [row["name"] for row in read("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: sorted(tuple(c)[1:4] for c in read(f"PRAGMA table_info({name})")) for name in found
    }


def test_an_error_of_the_commit_leaves_no_transaction_open(store, monkeypatch):
    create_first = "INSERT INTO projects (id, name, start_time) VALUES ('1', 'first', 0)"
    store.connection().execute("PRAGMA defer_foreign_keys = OFF")
    with pytest.raises(sqlite3.IntegrityError), store.writing() as connection:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        connection.execute(create_first)
        connection.execute("INSERT INTO unsettled VALUES ('of no run')")
    with store.writing() as connection:
        create(connection, "second", 0)
    assert names(store) == ["second"]


def test_a_full_disk_undoes_the_transaction_and_the_next_that_fits_is_written(store):
    pages = store.connection().execute("PRAGMA page_count").fetchone()[0]
    store.connection().execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DatabaseError, match="disk is full"), store.writing() as connection:
        create(connection, "large" * 100_000, 0)
    with store.writing() as connection:
        create(connection, "small", 0)
    assert names(store) == ["small"]


def test_a_lock_of_another_is_waited_for_and_then_told(store, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    store.close()
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="locked") as told, store.writing():
        pass
    assert told.value.status == 503
    other.close()
    with store.writing() as connection:
        create(connection, "after", 0)
    assert names(store) == ["after"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no open file")
def test_a_file_that_is_deleted_or_replaced_takes_nothing_more(store):
    other = Store(store.path.with_name("other.sqlite"))
    other.close()
    for change in (lambda: os.replace(other.path, store.path), store.path.unlink):
        change()
        with pytest.raises(DatabaseError, match="deleted or replaced"), store.writing():
            pass


def test_a_closed_store_opens_again(store):
    store.close()
    assert names(store) == []


def test_a_thread_that_disconnects_connects_again(tmp_path):
    store = Store(tmp_path / "traces.sqlite")
    first = store.connection()
    store.disconnect()
    with pytest.raises(sqlite3.ProgrammingError):
        first.execute("SELECT 1")
    assert store.connection().execute("SELECT 1").fetchone()[0] == 1
    store.close()
