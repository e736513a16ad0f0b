"""Full text search, whatever the case and the escapes of JSON."""

from __future__ import annotations

import sqlite3

import pytest

from helpers.langsmith_local.filtering.search import contains, narrowing, search_condition


@pytest.mark.parametrize(
    ("needle", "found"),
    [("http", True), ("ÜBERLAUF", True), ('say "hi"', True), ("ftp", False), ("'; --", False)],
)
def test_a_text_is_found_whatever_its_case_and_escapes(needle, found):
    connection = sqlite3.connect(":memory:")
    connection.create_function("contains", -1, contains)
    connection.execute("CREATE TABLE runs (inputs TEXT, error TEXT)")
    connection.execute(
        "INSERT INTO runs VALUES (?, NULL)", ('{"q": "HTTP, Überlauf and say \\"hi\\""}',)
    )
    condition = search_condition(needle, ("inputs", "error"))
    rows = connection.execute(f"SELECT * FROM runs r WHERE {condition.sql}", condition.params)
    assert (rows.fetchone() is not None) is found


@pytest.mark.parametrize(
    ("filter", "search", "asked"),
    [
        ("", "", None),
        ("eq(name, 'x')", "", "eq(name, 'x')"),
        ("", 'a "word"', 'search("a \\"word\\"")'),
        ("eq(name, 'x')", "y", "and(eq(name, 'x'), search(\"y\"))"),
    ],
)
def test_filter_and_search_are_one_condition(filter, search, asked):
    assert narrowing(filter, search) == asked
