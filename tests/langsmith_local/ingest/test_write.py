"""Runs, and changes to runs, as rows."""

from __future__ import annotations

import sqlite3

import pytest

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest.rules import as_texts, dotted_order
from helpers.langsmith_local.ingest.write import ROWS_A_STATEMENT, Change, write
from helpers.langsmith_local.schema import SCHEMA
from tests.langsmith_local.stored import START, run_id


@pytest.fixture
def connection() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    return connection


def change(name: str, **fields: object) -> Change:
    ident = run_id(name)
    run = {"id": ident, "trace_id": ident, "dotted_order": dotted_order(START, ident)}
    run |= {"name": name, "run_type": "chain", "start_time": START} | fields
    return run, as_texts(run, at="post.0")


def all_of(connection: sqlite3.Connection, columns: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(f"SELECT {columns} FROM runs ORDER BY name")]


@pytest.mark.parametrize("many", [1, ROWS_A_STATEMENT, 2 * ROWS_A_STATEMENT + 3])
def test_every_run_of_a_batch_has_a_row(connection, many):
    write(connection, [change(f"run {n}") for n in range(many)], [])
    assert len(all_of(connection, "id")) == many


def test_a_run_that_comes_twice_in_a_batch_is_one_run(connection):
    write(connection, [change("one"), change("one", error="no")], [])
    assert all_of(connection, "name, status") == [("one", "error")]


def test_a_patch_changes_what_it_names_alone(connection):
    write(connection, [change("one", tags=["a"])], [])
    write(connection, [], [({"id": run_id("one"), "end_time": START + 2_000_000}, {})])
    assert all_of(connection, "status, latency, tags") == [("success", 2.0, '["a"]')]


def test_a_patch_that_comes_first_waits_for_its_run(connection):
    write(connection, [], [({"id": run_id("one"), "error": "no"}, {})])
    assert all_of(connection, "name") == []
    write(connection, [change("one")], [])
    assert all_of(connection, "name, status") == [("one", "error")]
    assert connection.execute("SELECT count(*) FROM early_patches").fetchone()[0] == 0


def test_a_change_that_came_with_its_run_has_the_last_word(connection):
    early = {"id": run_id("one"), "error": "first", "name": "early", "tags": ["a"]}
    write(connection, [], [(early, as_texts(early, at="patch.0"))])
    said = {"error": "last", "tags": None}
    write(connection, [change("one", error="last")], [], {run_id("one"): said})
    assert all_of(connection, "name, error, tags") == [("early", "last", '["a"]')]


def test_a_project_that_is_not_there_is_not_found(connection):
    with pytest.raises(Refusal, match="tracer session not found"):
        write(connection, [change("one", session_id=run_id("none"))], [])
