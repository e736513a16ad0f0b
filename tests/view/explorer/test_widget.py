"""The Python side of the explorer: it lists, opens, filters, scores and follows."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from helpers.view import ReadError, Run, Trace, Traces, explorer
from helpers.view.explorer import widget

BEGAN = datetime(2026, 11, 25, tzinfo=UTC)


def run(name: str, **fields: Any) -> Run:
    return Run(
        **{"id": name, "trace_id": name, "start": BEGAN, "seconds": 1.0, **fields}, name=name
    )


class Kept:
    """A source in memory."""

    pause = 0.02

    def __init__(self, *roots: Run) -> None:
        self.kept, self.asked, self.scores, self.over = list(roots), [], [], False

    def roots(self, filter: str, search: str) -> list[Run]:
        self.asked.append((filter, search))
        if filter == "nonsense":
            raise ReadError("The filter ends too early.")
        return [root for root in reversed(self.kept) if search in root.name]

    def trace(self, trace_id: str) -> Run | None:
        return next((root for root in self.kept if root.trace_id == trace_id), None)

    def score(self, run_id: str, trace_id: str, key: str, score: float) -> None:
        self.scores.append((run_id, trace_id, key, score))


@pytest.fixture
def source() -> Kept:
    return Kept(run("first"), run("second"))


@pytest.fixture
def shown(source: Kept) -> Any:
    made = explorer(Trace(run("second")), source, "mine")
    made.follow = False
    yield made
    source.over = True
    made.close()


def ask(made: Any, **content: Any) -> None:
    """Do as the browser does."""
    made._handle_custom_msg(content, [])


def test_the_newest_stand_first_with_their_runs(shown: Any):
    assert [row["name"] for row in shown.rows] == ["second", "first"]
    assert set(shown.runs) == {"first", "second"} and shown.project == "mine"


def test_a_filter_and_a_search_are_asked_of_the_source(shown: Any, source: Kept):
    ask(shown, kind="list", filter=" gt(latency, 1) ", search="first")
    assert source.asked[-1] == ("gt(latency, 1)", "first")
    assert [row["name"] for row in shown.rows] == ["first"] and shown.note == ""


def test_a_filter_that_is_refused_is_said_and_the_list_stays(shown: Any):
    ask(shown, kind="list", filter="nonsense", search="")
    assert shown.note == "The filter ends too early." and len(shown.rows) == 2


def test_an_empty_list_says_why(shown: Any):
    ask(shown, kind="list", filter="", search="nowhere")
    assert shown.rows == [] and "No trace passes" in shown.note


def test_a_large_trace_comes_whole_when_it_is_opened(shown: Any, source: Kept):
    large = run("large", inputs={"x": "y" * 200_000})
    source.kept.append(large)
    ask(shown, kind="list", filter="", search="")
    assert shown.runs["large"][0]["cut"]
    ask(shown, kind="open", trace="large")
    assert len(shown.runs["large"][0]["inputs"]["x"]) == 200_000


def test_a_score_is_sent(shown: Any, source: Kept):
    ask(shown, kind="score", run="first", trace="first", key=" right ", score=1)
    assert source.scores == [("first", "first", "right", 1.0)]
    ask(shown, kind="score", run="first", trace="first", key=" ", score=1)
    assert "needs a name" in shown.note and len(source.scores) == 1


def test_new_traces_are_followed_without_being_asked_for(shown: Any, source: Kept):
    shown.follow = True
    source.kept.append(run("third"))
    deadline = time.monotonic() + 10
    while len(shown.rows) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [row["name"] for row in shown.rows][0] == "third"


def test_without_a_widget_manager_the_static_view_is_there(shown: Any):
    bundle = shown._repr_mimebundle_()
    assert (
        bundle["text/plain"] == str(Trace(run("second"))) and "<b>second</b>" in bundle["text/html"]
    )


def test_no_trace_at_all_is_no_error(source: Kept):
    source.kept.clear()
    made = explorer(Traces(note="No trace yet."), source, "mine")
    source.over = True
    assert made.rows == [] and "No trace yet" in made.note
    assert made._repr_mimebundle_()["text/plain"] == "No trace yet."


def test_text_of_traces_is_never_markup():
    script = (Path(widget.__file__).parent / "explorer.js").read_text("utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert word not in script


def test_its_files_fetch_nothing():
    for name in ("explorer.js", "explorer.css"):
        text = (Path(widget.__file__).parent / name).read_text("utf-8")
        assert "http:" not in text and "https:" not in text and "@import" not in text
