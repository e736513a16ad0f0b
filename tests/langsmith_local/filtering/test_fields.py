"""The fields of the language are columns that there are."""

from __future__ import annotations

import sqlite3

from helpers.langsmith_local.filtering.entries import ENTRIES
from helpers.langsmith_local.filtering.fields import COLUMNS, FIELDS, TAGS, shown
from helpers.langsmith_local.filtering.search import SEARCHED
from helpers.langsmith_local.schema import SCHEMA


def columns(table: str) -> set[str]:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


def test_every_field_has_its_column():
    assert {column for column, _ in COLUMNS.values()} | set(SEARCHED) <= columns("runs")
    for entry in (*ENTRIES, TAGS):
        assert {column for column, _ in entry.fields.values()} <= columns(entry.table)


def test_no_field_stands_twice():
    assert len(set(FIELDS)) == len(FIELDS)


def test_what_is_not_stored_is_compared_as_it_is_shown():
    assert shown("total_tokens", "t") == "COALESCE(t.total_tokens, 0)"
    assert shown("name", "t") == "t.name"
