"""helpers.lessons.wire: what a run weighs on its way to LangSmith."""

from collections.abc import Iterator

import pytest
from langsmith import traceable

from helpers import services, session, traces
from helpers.lessons import wire
from tests.lessons.calls import lesson, logged


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("wire", LANGSMITH_TRACING="true"):
        yield


@traceable
def echo(text: str) -> str:
    return text


def run(text: str) -> traces.Run:
    echo(text)
    return traces.show().root


def kilobytes(size: str) -> float:
    assert size.endswith(" kB")
    return float(size.removesuffix(" kB"))


def test_a_longer_text_is_heavier():
    assert kilobytes(wire.size(run("short"), unpacked=True)) < 30
    assert kilobytes(wire.size(run("long" * 10_000), unpacked=True)) > 80


@pytest.mark.struggle(20)
def test_the_callback_sends_ten_times_what_a_function_does():
    (call,) = logged({})
    shown = run(call.outputs["choices"][0]["message"]["content"])
    assert kilobytes(wire.size(call)) > 10
    assert kilobytes(wire.size(call)) > 10 * kilobytes(wire.size(shown))
    assert call.inputs["response"]["choices"] == call.outputs["choices"]  # the answer, twice


def test_the_sdk_packs_what_it_sends():
    sent = run("the same again " * 5_000)
    assert kilobytes(wire.size(sent)) * 5 < kilobytes(wire.size(sent, unpacked=True))


def test_a_run_that_did_not_come_here_was_not_seen():
    sent = run("here")
    services.state_of(session.start().app).langsmith.requests.clear()
    assert wire.size(sent) == "not seen"
