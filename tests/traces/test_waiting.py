"""What is shown is what was made last, also where it can be read only later.

All of it once with a service that says how late, and once with one that, as LangSmith, does not.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import langsmith
import pytest
from langsmith import run_trees

from helpers import traces
from helpers.traces import ReadError, Trace, Traces, connection, patience, waiting
from tests.traces.calls import define, fail
from tests.traces.lagging import early, lagging, late, overlapping


@pytest.fixture(scope="module", params=[True, False], ids=["says", "silent"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with lagging(tmp_path_factory.mktemp("lagging"), says=request.param) as address:
        yield address
        connection.forget(address)


@pytest.fixture(autouse=True)
def _shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "QUIET_SECONDS", 0.6)
    monkeypatch.setattr(waiting, "LIVE_SECONDS", 3.0)


def term(shown: Trace | Traces) -> object:
    return shown.root.inputs["term"]


def older(project: str, name: str = "older") -> None:
    """Leave a trace that began before this process did."""
    long_ago = datetime.now(UTC) - timedelta(days=2)
    run = run_trees.RunTree(name=name, project_name=project, start_time=long_ago)
    run.post()
    run.end(end_time=long_ago)
    run.patch()


def test_each_call_is_shown_and_not_the_one_before():
    for word in ("a", "b", "c", "d"):
        define(word, langsmith_extra=late())
        assert term(traces.show()) == word


def test_of_two_calls_the_second_is_shown_though_the_first_can_be_read_earlier():
    for _ in range(2):  # the first time, nobody has looked on yet
        define("b", langsmith_extra=early())
        define("c", langsmith_extra=late())
        assert term(traces.show()) == "c" and term(traces.show()) == "c"


def test_five_overlapping_calls_in_an_old_project_are_shown_right_each_time(project: str):
    older(project)
    for _ in range(2):
        overlapping(lambda number: number, 5)
        shown = traces.show(last=5)
        assert [trace.root.inputs["number"] for trace in shown] == [0, 1, 2, 3, 4]
        assert traces.show().root.inputs == {"number": 4}
        define("HTTP")
        assert term(traces.show()) == "HTTP"


def test_all_runs_of_a_trace_are_shown():
    @langsmith.traceable
    def loop() -> None:
        for _ in range(10):
            define("HTTP")

    loop()
    assert sum(1 for _ in traces.show().root.walk()) == 21


def test_what_was_awaited_is_not_shown_for_what_came_after():
    define("awaited", langsmith_extra={"name": "turn"})
    assert term(asyncio.run(traces.wait(name="turn"))) == "awaited"
    define("after", langsmith_extra=late())
    assert term(traces.show()) == "after"


def test_what_was_awaited_can_be_shown_again():
    define("HTTP", langsmith_extra={"name": "turn"})
    asyncio.run(traces.wait(name="turn"))
    assert term(traces.show("turn")) == "HTTP" and term(traces.show()) == "HTTP"


def test_failures_and_calls_in_turn_are_each_shown():
    for word in ("x", "y"):
        define(word, langsmith_extra=early())
        with pytest.raises(ValueError):
            fail(word, langsmith_extra=late())
        shown = traces.show(last=2)
        assert [trace.root.name for trace in shown] == ["define", "fail"]
        assert [trace.root.inputs["term"] for trace in shown] == [word, word]
        assert traces.show().root.status == "error"


def test_an_old_trace_is_not_shown_and_said_to_be_there(project: str):
    older(project)
    older(project, name="newest")
    none = traces.show()
    assert not none and 'older than this session, the newest is "newest"' in str(none)
    define("HTTP")
    assert term(traces.show()) == "HTTP"


def test_a_trace_of_before_is_shown_again_with_a_word_where_a_newer_may_come():
    define("HTTP")
    shown = traces.show()
    assert term(shown) == "HTTP" and shown.note == ""
    again = traces.show(timeout=0.5)
    assert term(again) == "HTTP" and again.note == (
        "no newer trace arrived within 0.5 s; this is the newest"
    )


def test_what_somebody_else_sends_is_not_denied(project: str, request: pytest.FixtureRequest):
    define("HTTP")
    traces.show()
    other = langsmith.Client()
    define("DNS", langsmith_extra={"client": other, "project_name": project})
    other.flush()
    again = traces.show()
    if "silent" in request.node.name and term(again) == "HTTP":
        assert again.note == waiting.SENT_NOTHING
    else:
        assert term(again) == "DNS" and again.note == ""
    assert term(traces.show(timeout=10)) == "DNS"
    other.close()


def test_a_run_that_was_shown_pending_is_shown_ended():
    draft = run_trees.RunTree(name="draft", inputs={"term": "TCP"})
    draft.post()
    assert traces.show(timeout=1.5).root.status == "pending"
    draft.end(outputs={"a": 1})
    draft.patch()
    assert traces.show().root.status == "success"


def test_a_trace_that_somebody_else_sends_is_awaited(project: str):
    define("before")
    traces.show()
    other = langsmith.Client()

    def send() -> None:
        define("after", langsmith_extra={"client": other, "project_name": project})
        other.flush()

    threading.Timer(0.3, send).start()
    assert term(asyncio.run(traces.wait())) == "after"
    threading.Timer(0.3, send).start()
    assert term(traces.show(timeout=10)) == "after"
    other.close()


def test_feedback_on_what_was_shown_is_shown(project: str):
    define("HTTP")
    run = traces.show().root
    client = langsmith.Client()
    session_id = client.read_project(project_name=project).id
    client.create_feedback(run.id, "correct", score=0, session_id=session_id)
    assert traces.show(client=client).root.feedback["correct"]["n"] == 1
    client.close()


def test_wait_gives_the_newest_and_not_its_sibling_the_next_time():
    define("b", langsmith_extra=early())
    define("c", langsmith_extra=late())
    assert term(asyncio.run(traces.wait())) == "c"
    assert not asyncio.run(traces.wait(timeout=0.2))
    define("d", langsmith_extra=late())
    assert term(asyncio.run(traces.wait())) == "d"


def test_names_that_came_together_are_awaited_one_by_one():
    for name in ("innocent", "chat"):
        define("HTTP", langsmith_extra={"name": name})
    assert asyncio.run(traces.wait(name="chat")).root.name == "chat"
    assert asyncio.run(traces.wait(name="innocent")).root.name == "innocent"
    assert not asyncio.run(traces.wait(name="chat", timeout=0.2))


def test_what_was_shown_is_not_awaited():
    define("HTTP")
    traces.show()
    found = asyncio.run(traces.wait(timeout=0.2))
    assert not found and found.note == "0 of 1 traces were complete after 0.2 s"


def test_queries_wait_for_what_was_sent():
    define("HTTP", langsmith_extra=late())
    assert len(traces.query()) == 2  # the project is not there at first
    define("DNS", langsmith_extra=late())
    assert len(traces.query('eq(name, "define")')) == 2


def test_a_query_waits_for_the_number_of_runs_that_is_expected():
    threading.Timer(0.4, define, args=["HTTP"]).start()
    assert len(traces.query(count=2)) == 2
    with pytest.raises(ReadError, match=r"2 of 3 runs of project .* after 0\.2 s"):
        traces.query(count=3, timeout=0.2)
