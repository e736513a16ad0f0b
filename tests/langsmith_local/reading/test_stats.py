"""Statistics over a selection."""

from __future__ import annotations

import sqlite3

import pytest

from helpers.langsmith_local.filtering import equal
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.reading.stats import statistics
from helpers.langsmith_local.schema import SCHEMA
from tests.langsmith_local.stored import PROJECT, add_feedback, add_project, add_run


@pytest.fixture
def runs() -> sqlite3.Connection:
    """A root with a streamed run beneath it that accounts for its tokens, and a failed root."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    add_project(connection)
    add_run(connection, "root", latency=3.0, total_tokens=18, total_cost=0.5)
    add_run(connection, "model", parent="root", total_tokens=18, total_cost=0.5)
    add_run(connection, "failed", second=9, error="no")
    add_feedback(connection, "root", "helpful", 1.0)
    return connection


def test_numbers_of_a_parent_and_its_children_are_not_added_twice(runs):
    found = statistics(runs, Selection((PROJECT,)))
    assert (found["run_count"], found["total_tokens"], found["total_cost"]) == (3, 18, 0.5)
    assert found["error_rate"] == pytest.approx(1 / 3)
    assert found["feedback_stats"]["helpful"]["n"] == 1


def test_a_child_selected_alone_counts_for_itself(runs):
    found = statistics(runs, Selection((PROJECT,), (equal("name", "model"),)))
    assert (found["run_count"], found["total_tokens"]) == (1, 18)


def test_of_nothing_there_are_no_numbers(runs):
    found = statistics(runs, Selection((PROJECT,), (equal("name", "none"),)))
    assert (found["run_count"], found["total_tokens"]) == (0, 0)
    assert found["latency_p50"] is found["error_rate"] is found["total_cost"] is None
