"""The tables can be made again, and hold what they promise."""

from __future__ import annotations

import sqlite3

import pytest

from helpers.langsmith_local import keysets
from helpers.langsmith_local.schema import SCHEMA
from tests.langsmith_local.stored import add_project, add_run


@pytest.fixture
def connection() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.executescript(SCHEMA)
    keysets.create(connection)
    add_project(connection)
    return connection


def test_making_them_again_keeps_what_is_there(connection):
    add_run(connection, "kept")
    connection.executescript(SCHEMA)
    keysets.create(connection)
    assert connection.execute("SELECT name FROM runs").fetchone()["name"] == "kept"


def test_a_run_needs_its_project(connection):
    with pytest.raises(sqlite3.IntegrityError):
        add_run(connection, "homeless", project_id="none")


def test_a_deleted_project_takes_its_runs_and_their_pairs_along(connection):
    add_run(connection, "one", tags=["a"], metadata={"k": "v"})
    connection.execute("DELETE FROM projects")
    for table in ("runs", "run_tags", "run_metadata", "run_values", "run_keys"):
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0
