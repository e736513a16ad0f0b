from __future__ import annotations

import threading
from pathlib import Path

import langsmith
import pytest
from langsmith import run_trees

from helpers import traces
from helpers.traces import ReadError, Trace
from tests.traces.calls import define, fail

PACKAGE = Path(traces.__file__).parent


def test_the_newest_trace_is_read_back_as_a_tree():
    define("TCP")
    define("HTTP")
    trace = traces.show()
    assert isinstance(trace, Trace) and trace.root.complete
    root, child = trace.root, trace.root.find("answer")
    assert (root.inputs, root.outputs) == ({"term": "HTTP"}, {"output": "You said HTTP."})
    assert (root.run_type, root.status, child.run_type) == ("chain", "success", "llm")
    assert (child.parent_id, child.trace_id) == (root.id, root.trace_id) == (root.id, root.id)
    assert root.tags == ("glossary",) and root.metadata["user"] == "ada"
    assert (root.total_tokens, child.prompt_tokens, child.total_cost) == (42, 5, 0.25)
    assert root.seconds is not None and root.end is not None and root.end > root.start


def test_an_error_is_read_and_shown():
    with pytest.raises(ValueError):
        fail("x")
    trace = traces.show()
    assert trace.root.status == "error" and "Traceback" in trace.root.error
    assert str(trace).splitlines()[1] == "   ✗    ValueError: no such term: x"


def test_a_run_that_does_not_end_is_shown_pending():
    run_trees.RunTree(name="draft", inputs={"term": "TCP"}).post()
    trace = traces.show(timeout=0.1)
    assert trace.root.status == "pending" and "draft  chain  … pending" in str(trace)


def test_a_run_that_ends_a_moment_later_is_awaited():
    draft = run_trees.RunTree(name="draft")
    draft.post()

    def finish() -> None:
        draft.end(outputs={"a": 1})
        draft.patch()

    threading.Timer(0.2, finish).start()
    assert traces.show(timeout=10).root.status == "success"


def test_with_a_timeout_a_newer_trace_is_awaited_and_its_absence_said():
    define("HTTP")
    assert traces.show(timeout=5).note == ""
    assert "no newer trace arrived within 0.1 s" in str(traces.show(timeout=0.1))
    threading.Timer(0.2, define, args=["TCP"]).start()
    assert traces.show(timeout=10).root.inputs == {"term": "TCP"}


def test_more_runs_than_a_page_are_all_read():
    @langsmith.traceable
    def step() -> None: ...

    @langsmith.traceable
    def loop() -> None:
        for _ in range(1100):
            step()

    loop()
    assert sum(1 for _ in traces.show(timeout=10).root.walk()) == 1101


def test_a_filter_that_is_refused_says_what_the_service_said():
    define("HTTP")
    with pytest.raises(ReadError, match="LangSmith refused the query"):
        traces.query("eq(name")


@pytest.mark.filterwarnings("error")
def test_no_deprecated_reading_method_is_used():
    define("HTTP")
    assert traces.show() and traces.query()
    source = "".join(path.read_text("utf-8") for path in PACKAGE.glob("*.py"))
    assert not [old for old in ("list_runs", "read_run", "get_run_url") if old in source]
