"""helpers.lessons.planted: what goes missing in the programs of lesson 13, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from langsmith import utils

from helpers import doctor, traces
from helpers.errors import TutorialError
from helpers.lessons import callback, planted
from helpers.session import clients
from tests.lessons.calls import CALL, batches, eventually, lesson


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("planted"):
        yield


@pytest.fixture
def project(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LANGSMITH_PROJECT", request.node.name)
    clients.read_again()
    return request.node.name


@pytest.fixture(autouse=True)
def _lists() -> Iterator[None]:
    """What a program registers with LiteLLM is gone after the test."""
    yield
    callback.forget()


def logged(project: str) -> list[str]:
    return sorted(sum(batches(project, "name"), []))


def test_a_late_switch_is_on_in_the_environment_and_off_in_the_sdk(project, monkeypatch):
    monkeypatch.setenv("LANGSMITH_TRACING", "")
    spell = planted.late_switch()
    assert spell("DNS") == "D N S" and not traces.show("spell")
    assert "the SDK has cached off" in str(doctor.ask())
    utils.get_env_var.cache_clear()
    spell("URL")
    assert traces.show("spell").root.inputs == {"term": "URL"}


def test_a_job_without_a_loop_waits_for_a_clock_which_an_asynchronous_call_starts(project):
    import litellm

    async def main() -> bool:
        job = planted.nightly()
        (logger,) = litellm.callbacks
        logger.flush_interval = 0.05
        job()
        assert await eventually(lambda: len(logger.log_queue) == 1)
        assert "with no clock" in str(doctor.ask())
        assert not await eventually(lambda: logged(project) != [], seconds=0.3)
        await litellm.acompletion(**CALL)
        return await eventually(lambda: "nightly" in logged(project))

    assert asyncio.run(main())


@pytest.mark.parametrize("wrong", [{"session_id": "chat-42"}, {"run_id": "order-7"}])
def test_one_entry_that_is_refused_takes_the_batch_with_it(project, wrong, caplog):
    first, second = {"run_name": "first"}, {"run_name": "second"}
    asyncio.run(planted.one_batch([first, second | wrong]))
    assert "Langsmith HTTP Error: 422" in caplog.text and traces.query() == []
    asyncio.run(planted.one_batch([first, second]))
    assert sorted(run.name for run in traces.query()) == ["first", "second"]
    assert len(batches(project)) == 2  # one request each time


def test_calls_that_litellm_does_not_report_are_an_error(project, monkeypatch):
    monkeypatch.setattr(planted, "SECONDS", 0.3)
    monkeypatch.setenv("LANGSMITH_SAMPLING_RATE", "0")
    with pytest.raises(TutorialError, match="0 of 1 calls"):
        asyncio.run(planted.one_batch([{"run_name": "first"}]))
