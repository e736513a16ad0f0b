"""Runs as records, and the trees that they make."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helpers.view import ReadError, Run, tree
from tests.view.drawing import run


def test_find_names_the_runs_there_are():
    root = run("define", run("answer"))
    assert root.find("answer").name == "answer"
    with pytest.raises(ReadError, match="Its runs: define, answer"):
        root.find("nothing")


def test_a_walk_comes_by_parents_before_their_children():
    root = run("a", run("b", run("c")), run("d"))
    assert [each.name for each in root.walk()] == ["a", "b", "c", "d"]


def test_a_trace_is_complete_when_all_its_runs_have_ended():
    assert run("a", run("b")).complete
    assert not run("a", run("b", status="pending")).complete


def test_runs_become_a_tree_in_the_order_in_which_they_began():
    runs = [run("late", start=2, parent_id="root"), run("early", start=1, parent_id="root")]
    found = tree([*runs, run("root")], "root")
    assert found is not None and [child.name for child in found.children] == ["early", "late"]


def test_a_run_whose_parent_is_missing_hangs_on_the_root():
    runs = [
        Run("r", "r", "root", datetime(2026, 1, 1, tzinfo=UTC)),
        Run("o", "r", "orphan", datetime(2026, 1, 2, tzinfo=UTC), parent_id="lost"),
    ]
    found = tree(runs, "r")
    assert found is not None and found.find("orphan").id == "o"


def test_without_its_root_there_is_no_tree():
    assert tree([run("a")], "root") is None
