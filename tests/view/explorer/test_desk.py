"""What is done for the explorer: it lists, opens, filters, scores and follows."""

from __future__ import annotations

import contextvars
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from helpers.view.explorer.desk import FIRST, Desk
from tests.view.explorer.kept import Kept, Screen, run, until


@pytest.fixture
def source() -> Kept:
    return Kept(run("first"), run("second"))


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def desk(screen: Screen, source: Kept) -> Desk:
    return Desk(screen, source)


def test_the_list_and_the_newest_trace_are_there_at_once(desk: Desk, screen: Screen):
    assert screen.names == ["second", "first"] and set(screen.runs) == {"second"}


def test_a_filter_and_a_search_are_asked_of_the_source(desk: Desk, screen: Screen, source: Kept):
    desk.asked({"kind": "list", "filter": " gt(latency, 1) ", "search": "first", "number": 3})
    assert source.asked[-1][1:3] == ("gt(latency, 1)", "first") and screen.names == ["first"]
    assert screen.sent == [{"kind": "done", "number": 3, "said": ""}]


def test_a_filter_that_is_refused_is_said_and_the_list_stays(desk: Desk, screen: Screen):
    desk.asked({"kind": "list", "filter": "nonsense", "search": ""})
    assert screen.sent[-1]["said"] == "The filter ends too early." and len(screen.rows) == 2
    desk.asked({"kind": "list", "filter": "", "search": "nowhere"})
    assert screen.rows == [] and "No trace passes" in screen.note


def test_a_source_that_cannot_be_read_is_a_note_from_the_start(screen: Screen, source: Kept):
    source.broken = True
    Desk(screen, source)
    assert screen.note == "The filter ends too early." and screen.runs == {}


def test_a_large_trace_comes_whole_when_it_is_opened(desk: Desk, screen: Screen, source: Kept):
    source.kept.append(run("large", inputs={"x": "y" * 200_000}))
    assert Desk(screen, source) and screen.runs["large"][0]["cut"]
    desk.asked({"kind": "open", "trace": "large"})
    assert len(screen.sent[0]["runs"]["large"][0]["inputs"]["x"]) == 200_000


def test_a_score_is_sent_and_said(desk: Desk, screen: Screen, source: Kept):
    score = {"kind": "score", "run": "first", "trace": "first", "score": 1}
    desk.asked({**score, "key": " right "})
    assert source.scores == [("first", "first", "right", 1.0)]
    assert screen.sent[-1]["said"] == "Stored: right 1." and "first" in screen.sent[0]["runs"]
    desk.asked({**score, "key": " "})
    assert "needs a name" in screen.sent[-1]["said"] and len(source.scores) == 1


def test_the_page_of_a_run_is_a_message_and_stands_in_nothing_stored(desk: Desk, screen: Screen):
    desk.asked({"kind": "link", "run": "r", "trace": "t"})
    assert screen.sent[0] == {"kind": "link", "run": "r", "link": "https://smith.example/t/r"}
    desk.asked({"kind": "link", "run": "nowhere", "trace": "t"})
    assert screen.sent[-2]["link"] is None
    assert "smith" not in f"{screen.rows} {screen.runs}"


def watched(desk: Desk, source: Kept, there: Any) -> bool:
    thread = threading.Thread(target=desk.watch)
    thread.start()
    try:
        return until(there)
    finally:
        source.over = True
        thread.join()


def test_new_traces_come_unasked_with_their_runs(desk: Desk, screen: Screen, source: Kept):
    source.kept.append(run("third", start=datetime.now(UTC)))
    assert watched(desk, source, lambda: any("third" in each["runs"] for each in screen.sent))
    assert screen.names == ["third", "second", "first"]


def test_what_was_left_out_of_the_first_list_comes_before_the_first_pause_is_over(
    screen: Screen, source: Kept
):
    source.kept += [run(f"trace {n}", start=datetime.now(UTC)) for n in range(FIRST + 20)]
    desk, source.pause = Desk(screen, source), 60
    assert len(screen.rows) == FIRST
    thread = threading.Thread(target=desk.watch, daemon=True)
    thread.start()
    assert until(lambda: len(screen.rows) == FIRST + 22)
    source.over = True


def test_nobody_is_followed_for_who_does_not_look(desk: Desk, screen: Screen, source: Kept):
    desk.asked({"kind": "shown"})
    desk.asked({"kind": "gone"})
    source.asked.clear()
    turns = iter(range(4))
    assert watched(desk, source, lambda: next(turns, None) is None)
    assert source.asked == []


def test_it_speaks_where_the_browser_was_heard_last(desk: Desk, screen: Screen, source: Kept):
    where = contextvars.ContextVar("where", default="")
    spoken: list[str] = []
    screen.send = lambda content: spoken.append(where.get())  # type: ignore[method-assign]
    context = contextvars.copy_context()
    context.run(where.set, "beside the cell")
    context.run(desk.asked, {"kind": "shown"})
    source.kept.append(run("third", start=datetime.now(UTC)))
    assert watched(desk, source, lambda: bool(spoken)) and set(spoken) == {"beside the cell"}
