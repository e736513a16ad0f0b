"""Statistics over a selection."""

from __future__ import annotations

import json
import sqlite3

import pytest

from helpers.langsmith_local import keysets
from helpers.langsmith_local.filtering import compile_filter, equal
from helpers.langsmith_local.reading import stats
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.reading.stats import statistics
from helpers.langsmith_local.schema import SCHEMA
from tests.langsmith_local.stored import PROJECT, add_feedback, add_project, add_run

OTHER = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def runs() -> sqlite3.Connection:
    """A root with a streamed run beneath it that accounts for its tokens, and a failed root."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    keysets.create(connection)
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


def test_runs_whose_root_is_not_selected_are_summed_from_their_topmost(runs):
    add_run(runs, "inner", parent="model", total_tokens=7, total_cost=0.25)
    below = compile_filter('in(name, ["model", "inner"])')
    found = statistics(runs, Selection((PROJECT,), (below,)))
    assert (found["run_count"], found["total_tokens"], found["total_cost"]) == (2, 18, 0.5)
    assert (found["median_tokens"], found["cost_p99"]) == (18, 0.5)


@pytest.mark.parametrize(
    ("names", "total"),
    [
        ("model deep", 18),  # a child of the root, and a run two levels beneath it
        ("inner deep", 7),
        ("deep other", 5 + 2),
        ("model other", 18 + 2),  # none that is selected is above another
        ("inner other", 7 + 2),
        ("root deep other", 18),
        ("failed deep", 5),
    ],
)
def test_a_run_counts_unless_one_above_it_is_selected(runs, names, total):
    add_run(runs, "inner", parent="model", total_tokens=7)
    add_run(runs, "deep", parent="inner", total_tokens=5)
    add_run(runs, "other", parent="root", total_tokens=2)
    chosen = compile_filter(f"in(name, {json.dumps(names.split())})")
    assert statistics(runs, Selection((PROJECT,), (chosen,)))["total_tokens"] == total


def test_percentiles_are_those_of_what_is_known(runs):
    runs.execute("UPDATE runs SET end_time = start_time + 1000000, first_token_time = NULL")
    runs.execute("UPDATE runs SET end_time = NULL, first_token_time = start_time + 250000 "
                 "WHERE name = 'failed'")  # fmt: skip
    found = statistics(runs, Selection((PROJECT,)))
    assert (found["latency_p50"], found["latency_p99"]) == (1.0, 1.0)
    assert (found["first_token_p50"], found["streaming_rate"]) == (0.25, pytest.approx(1 / 3))
    assert (found["cost_p50"], found["median_tokens"]) == (0.5, 18)


def test_of_several_projects_all_runs_count(runs):
    add_project(runs, OTHER)
    add_run(runs, "elsewhere", project_id=OTHER, total_tokens=2, total_cost=0.1)
    found = statistics(runs, Selection((PROJECT, OTHER)))
    assert (found["run_count"], found["total_tokens"]) == (4, 20)
    assert found["total_cost"] == pytest.approx(0.6)


def test_feedback_of_many_runs_is_that_of_the_selected_ones(runs, monkeypatch):
    add_feedback(runs, "failed", "helpful", 0.0)
    monkeypatch.setattr(stats, "FEW", 0)
    found = statistics(runs, Selection((PROJECT,), (equal("name", "root"),)))
    assert found["feedback_stats"]["helpful"]["n"] == 1
    assert statistics(runs, Selection((PROJECT,)))["feedback_stats"]["helpful"]["avg"] == 0.5
