"""helpers.lessons.wire: what a run weighs on its way to LangSmith."""

from collections.abc import Iterator

import pytest
from langsmith import run_trees, traceable, utils

from helpers import services, session, traces
from helpers.lessons import wire


@pytest.fixture(scope="module", autouse=True)
def _session() -> Iterator[None]:
    with session.start("replay"), pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANGSMITH_TRACING", "true")
        patch.setattr(run_trees, "_CLIENT", None)
        utils.get_env_var.cache_clear()
        yield
    utils.get_env_var.cache_clear()


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


def test_the_sdk_packs_what_it_sends():
    sent = run("the same again " * 5_000)
    assert kilobytes(wire.size(sent)) * 5 < kilobytes(wire.size(sent, unpacked=True))


def test_a_run_that_did_not_come_here_was_not_seen():
    sent = run("here")
    services.state_of(session.start().app).langsmith.requests.clear()
    assert wire.size(sent) == "not seen"
