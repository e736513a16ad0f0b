"""The database: one connection a thread, writers in turn, nothing half written."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading

import pytest

from helpers.langsmith_local.projects import create
from helpers.langsmith_local.store import Store

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
    return [row["name"] for row in store.connection().execute("SELECT name FROM projects")]


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


def test_a_file_that_is_no_database_is_an_error(tmp_path):
    (tmp_path / "notes.txt").write_text("These are notes, and they stay." * 100)
    with pytest.raises(sqlite3.DatabaseError):
        Store(tmp_path / "notes.txt")


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
