"""The explorer's traces are those of this session, by LangSmith's own filters."""

from __future__ import annotations

import pytest

from helpers import session, traces
from helpers.traces.exploring import Explored, condition
from helpers.view import ReadError
from tests.traces.calls import define


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
    assert condition(filter, search) == asked


@pytest.fixture
def explored(project: str) -> Explored:
    for term in ("HTTP", "DNS"):
        define(term)
    traces.show(last=2)
    return Explored(project)


def test_traces_are_listed_opened_and_found_by_a_run_within(explored: Explored):
    assert [root.inputs for root in explored.roots("", "")] == [{"term": "DNS"}, {"term": "HTTP"}]
    (found,) = explored.roots('eq(run_type, "llm")', "said HTTP")
    whole = explored.trace(found.trace_id)
    assert [run.name for run in whole.walk()] == ["define", "answer"]


def test_a_score_becomes_feedback(explored: Explored):
    root = explored.roots("", "")[0]
    explored.score(root.id, root.trace_id, "correct", 1.0)
    assert explored.trace(root.trace_id).feedback["correct"]["avg"] == 1.0


def test_a_filter_that_cannot_be_read_says_so(explored: Explored):
    with pytest.raises(ReadError, match="The filter ends"):
        explored.roots("eq(name", "")


def test_it_is_over_with_its_session():
    with session.start("replay"):
        explored = Explored("mine")
        assert not explored.over
    assert explored.over


def test_a_project_that_is_not_there_has_none(explored: Explored):
    assert Explored("nowhere").roots("", "") == [] and Explored("nowhere").trace("t") is None
