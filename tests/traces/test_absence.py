from __future__ import annotations

import pytest
from langsmith import utils

from helpers import traces
from helpers.traces import ReadError
from helpers.traces.absence import why_none
from tests.traces.calls import define


def test_no_trace_says_what_the_reason_may_be(project: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANGSMITH_TRACING", "True")
    none = traces.show()
    assert not none and f"No trace in project {project} yet." in str(none)
    assert 'LANGSMITH_TRACING is "True"; the SDK traces only when it is exactly "true".' in str(
        none
    )
    with pytest.raises(ReadError, match="No trace"):
        _ = none.root


def test_no_trace_says_that_the_sdk_keeps_what_it_read_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LANGSMITH_TRACING")
    define("HTTP")  # the SDK reads the variable here
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    assert "the SDK read it before and keeps what it read" in str(traces.show())


def test_no_trace_names_the_project_that_the_sdk_sends_to(monkeypatch: pytest.MonkeyPatch):
    utils.get_tracer_project()
    monkeypatch.setenv("LANGSMITH_PROJECT", "renamed")
    assert "The SDK sends to project test_no_trace_names" in str(traces.show())


def test_asking_why_does_not_make_the_sdk_keep_what_it_reads(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LANGSMITH_TRACING")
    assert "LANGSMITH_TRACING is not set" in str(traces.show())
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGSMITH_PROJECT", "set after asking")
    define("HTTP")
    assert traces.show().project == "set after asking"


def test_a_refusal_is_the_reason_and_no_other_is_named():
    said = why_none(None, "mine", refused="LangSmith refuses.\nDo this.")
    assert said == "No trace in project mine. LangSmith refuses.\nDo this."


def test_a_service_that_is_late_is_the_reason_and_no_other_is_named():
    said = why_none("define", "mine", missing=2, late=True)
    assert 'No trace called "define" in project mine yet: LangSmith has taken 2' in said
    assert "run this cell again" in said and len(said.splitlines()) == 2
