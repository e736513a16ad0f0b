"""A run and its change in one request, read as one run."""

from __future__ import annotations

import copy

import pytest

from helpers.langsmith_local.ingest.together import together

RUN = {"id": "1", "trace_id": "1", "dotted_order": "1", "name": "one", "inputs": {"a": 1}}


def test_what_the_change_says_anew_is_added():
    whole, replaced = together(RUN, RUN | {"end_time": "now", "outputs": {"b": 2}})
    assert whole == RUN | {"end_time": "now", "outputs": {"b": 2}}
    assert replaced == {}


def test_what_the_change_replaces_is_returned_to_be_looked_at():
    run = RUN | {"outputs": "no object"}
    whole, replaced = together(run, RUN | {"outputs": {}})
    assert (whole["outputs"], replaced) == ({}, {"outputs": "no object"})


@pytest.mark.parametrize(
    "said",
    [
        {"name": "two"},
        {"start_time": "now"},
        {"trace_id": None},
        {"parent_run_id": "0"},
        {"dotted_order": "2"},
        {"session_name": "another"},
        {"tags": ["a"]},
    ],
)
def test_a_change_that_says_more_is_left_to_be_checked_alone(said):
    assert together(RUN, RUN | said) is None


def test_true_is_not_one():
    assert together(RUN | {"execution_order": 1}, RUN | {"execution_order": True}) is None
    whole, _ = together(RUN | {"extra": {"a": 1}}, RUN | {"extra": {"a": True}})
    assert whole["extra"]["a"] is True


def test_nothing_said_changes_nothing():
    assert together(RUN, RUN | {"inputs": None, "session_id": None}) == (RUN, {})


def test_neither_is_touched():
    run, change = RUN | {"error": "a"}, RUN | {"error": "b"}
    before = copy.deepcopy((run, change))
    together(run, change)
    assert (run, change) == before
