"""The explorer's traces are those of this session, by LangSmith's own filters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpers import session, traces
from helpers.traces.exploring import Explored
from helpers.view import ReadError
from tests.serving.opened import serving
from tests.traces.calls import define


@pytest.fixture
def explored(project: str) -> Explored:
    for term in ("HTTP", "DNS"):
        define(term)
    traces.show(last=2)
    return Explored(project)


def test_traces_are_listed_opened_and_found_by_a_run_within(explored: Explored):
    assert [root.inputs for root in explored.roots("", "", 10, None)] == [
        {"term": "DNS"},
        {"term": "HTTP"},
    ]
    (found,) = explored.roots('eq(run_type, "llm")', "said HTTP", 10, None)
    whole = explored.trace(found.trace_id)
    assert [run.name for run in whole.walk()] == ["define", "answer"]


def test_a_score_becomes_feedback(explored: Explored):
    root = explored.roots("", "", 10, None)[0]
    explored.score(root.id, root.trace_id, "correct", 1.0)
    assert explored.trace(root.trace_id).feedback["correct"]["avg"] == 1.0


def test_a_run_has_the_link_that_a_view_has(explored: Explored, monkeypatch: pytest.MonkeyPatch):
    root = explored.trace(explored.roots("", "", 1, None)[0].trace_id)
    child = root.children[0]
    assert explored.link(child.id, root.trace_id) is None  # tests store none
    monkeypatch.setattr("helpers.traces.exploring.link_to", lambda url: url)
    link = explored.link(child.id, root.trace_id)
    assert link is not None and f"/r/{child.id}" in link
    assert Explored("nowhere").link(child.id, root.trace_id) is None


def test_a_filter_that_cannot_be_read_says_so(explored: Explored):
    with pytest.raises(ReadError, match="The filter ends"):
        explored.roots("eq(name", "", 10, None)


def test_it_is_over_with_its_session():
    with session.start("replay"):
        explored = Explored("mine")
        assert not explored.over
    assert explored.over


@pytest.mark.parametrize("noticed", [True, False])
def test_when_its_session_is_over_it_asks_no_langsmith_of_the_learners(monkeypatch, noticed):
    asked: list[str] = []

    async def note(request: Request) -> Response:
        asked.append(request.url.path)
        return JSONResponse([])

    app = Starlette(routes=[Route("/{path:path}", note)])
    with serving(app) as own:
        monkeypatch.setenv("LANGSMITH_ENDPOINT", own)
        monkeypatch.setenv("LANGSMITH_API_KEY", "real-trace-key")
        with session.start("replay"):
            explored = Explored("mine")
            assert explored.recent(10, None) == []
        if not noticed:  # it looked whether it is over the moment before
            monkeypatch.setattr(Explored, "over", False)
        with pytest.raises(ReadError, match="has ended" if noticed else "could not be read"):
            explored.recent(10, None)
    assert asked == []


def test_a_project_that_is_not_there_has_none(explored: Explored):
    nowhere = Explored("nowhere")
    assert nowhere.roots("", "", 10, None) == [] == nowhere.recent(10, None)
    assert nowhere.trace("t") is None


def test_what_is_newer_can_be_asked_for_alone(explored: Explored):
    newest, oldest = explored.roots("", "", 10, None)
    assert [root.id for root in explored.roots("", "", 10, newest.start)] == [newest.id]
    assert [root.id for root in explored.roots("", "", 1, None)] == [newest.id]
    recent = explored.recent(10, newest.start)
    assert {run.trace_id for run in recent} == {newest.id} and len(recent) == 2
    assert {run.trace_id for run in explored.recent(10, None)} == {newest.id, oldest.id}


def test_traces_from_before_the_session_are_shown_to_who_says_since_when(explored: Explored):
    from langsmith.run_trees import RunTree

    old = datetime.now(UTC) - timedelta(hours=2)
    RunTree(name="old", start_time=old, end_time=old, inputs={"n": 1}).post()
    traces.show()
    since = Explored(explored.project, since=old - timedelta(minutes=1))
    assert [root.name for root in since.roots("", "", 10, None)] == ["define", "define", "old"]
    assert [root.name for root in explored.roots("", "", 10, None)] == ["define", "define"]


@pytest.fixture
def opened() -> Iterator[Callable[..., Any]]:
    """``traces.explore``, whose threads end with the test."""
    made = []

    def explore(*args: Any, **options: Any) -> Any:
        made.append(traces.explore(*args, **options))
        return made[-1]

    yield explore
    for each in made:
        each.close()


def test_the_newest_is_drawn_where_there_is_no_widget_manager(explored: Explored, opened):
    drawn = str(traces.show())
    assert opened()._repr_mimebundle_()["text/plain"] == drawn
    assert "No trace called" in opened("nothing")._repr_mimebundle_()["text/plain"]


def test_what_is_explored_is_still_new_to_who_waits(project: str, opened):
    define("HTTP")
    assert "HTTP" in opened()._repr_mimebundle_()["text/plain"]
    assert asyncio.run(traces.wait()).root.inputs == {"term": "HTTP"}
