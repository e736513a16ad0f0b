"""The rows of one page, and where it ends."""

from __future__ import annotations

import sqlite3

import pytest

from helpers.langsmith_local import keysets
from helpers.langsmith_local.reading import portion as portions
from helpers.langsmith_local.reading.portion import portion
from helpers.langsmith_local.schema import SCHEMA
from tests.langsmith_local.stored import add_project, add_run, run_id

NAMES = [f"run {number}" for number in range(4)]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> sqlite3.Connection:
    """Four runs of somewhat more than a thousand bytes each, where a page may have 3,000."""
    monkeypatch.setattr(portions, "PAGE_BYTES", 3_000)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    keysets.create(connection)
    add_project(connection)
    for name in NAMES:
        add_run(connection, name, inputs={"q": "x" * 1_000})
    return connection


def read(runs: sqlite3.Connection, *names: str) -> tuple[list[str], int]:
    rows, count = portion(runs, [run_id(name) for name in names])
    return [row["name"] for row in rows], count


def test_it_ends_before_the_run_that_is_too_much(runs):
    assert read(runs, *NAMES) == (NAMES[:2], 2)
    assert read(runs, *NAMES[2:]) == (NAMES[2:], 2)


def test_a_run_above_the_bound_is_given_whole(runs):
    runs.execute("UPDATE runs SET outputs = ?", ("x" * 5_000,))
    assert read(runs, *NAMES) == (NAMES[:1], 1)


def test_bytes_are_counted_and_not_letters(runs):
    runs.execute("UPDATE runs SET inputs = ?", ("\u00fc" * 1_000,))
    assert read(runs, *NAMES) == (NAMES[:1], 1)


def test_a_run_that_is_not_there_any_more_is_passed_over(runs):
    assert read(runs, "gone", "run 1", "gone", "run 0", "gone") == (["run 1", "run 0"], 5)
    assert read(runs, "gone") == ([], 1) and read(runs) == ([], 0)
