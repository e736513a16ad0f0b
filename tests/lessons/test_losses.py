"""What lesson 14 says of a silent LangSmith, and lesson 13's logger for synchronous calls."""

from __future__ import annotations

import asyncio
import runpy
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from helpers.lessons import faults
from tests.lessons.calls import (
    CALL,
    NOTEBOOKS,
    asking,
    batches,
    eventually,
    lesson,
    logged,
    remove,
    reporting,
)

MISSPELT = CALL | {"model": "gtp-4o-mini"}


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("losses"):
        yield


@pytest.fixture
def project(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LANGSMITH_PROJECT", request.node.name)
    return request.node.name


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Any:
    """LiteLLM's worker, which waits a moment instead of 20 seconds."""
    from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

    logged({})  # a first call loads what would take longer than that moment
    monkeypatch.setattr(GLOBAL_LOGGING_WORKER, "timeout", 0.3)
    return GLOBAL_LOGGING_WORKER


@pytest.fixture
def synchronous(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The logger of lesson 13's file for synchronous calls, which readers copy."""
    import litellm

    names = runpy.run_path(str(NOTEBOOKS / "scripts" / "sync_logger.py"))
    monkeypatch.setattr(litellm, "suppress_debug_info", True)
    litellm.callbacks = [logger := names["Synchronous"](batch_size=1)]
    yield logger
    remove(logger)


def test_a_worker_waits_20_seconds_a_request_600_and_one_of_the_sdk_10():
    from langsmith.client import _TRACING_SEND_TIMEOUT
    from litellm.integrations.langsmith import LangsmithLogger
    from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

    assert GLOBAL_LOGGING_WORKER.timeout == 20
    assert LangsmithLogger().async_httpx_client.timeout.read == 600
    assert _TRACING_SEND_TIMEOUT[1] == 10


@asynccontextmanager
async def stuck(
    worker: Any, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Any, faults.Outage]]:
    """A logger whose clock has a request under way that is not answered, with one run in it."""
    import litellm

    with faults.start("silent") as outage:
        async with reporting(flush_interval=0.1) as logger:
            send, logger.begun = logger.async_send_batch, 0

            async def counted() -> None:
                logger.begun += 1
                await send()

            monkeypatch.setattr(logger, "async_send_batch", counted)
            before = worker._timeout_total
            await litellm.acompletion(**CALL)
            assert await eventually(lambda: worker._timeout_total > before)
            assert await eventually(lambda: logger.begun == 2)
            yield logger, outage


def test_in_a_silence_runs_are_queued_behind_one_request_that_no_worker_ends(worker, monkeypatch):
    import litellm

    async def main() -> None:
        async with stuck(worker, monkeypatch) as (logger, _):
            before = worker._timeout_total
            await asyncio.gather(*(litellm.acompletion(**CALL) for _ in range(3)))
            assert await eventually(lambda: worker._timeout_total == before + 3)
            assert len(logger.log_queue) == 4 and logger.begun == 2

    asyncio.run(main())


def test_the_end_of_that_request_drops_the_runs_that_it_had_and_no_others(
    worker, project, monkeypatch
):
    import litellm

    async def main() -> None:
        async with stuck(worker, monkeypatch) as (logger, outage):
            await litellm.acompletion(**CALL | {"metadata": {"run_name": "after"}})
            assert await eventually(lambda: len(logger.log_queue) == 2)
            assert await eventually(lambda: outage.waiting > 0)
            outage.stop()
            # The silence was that of another address; now the run goes to the one that answers.
            logger.log_queue[1]["credentials"] = logger.get_credentials_from_env()
            assert await eventually(lambda: logger.log_queue == [])

    asyncio.run(main())
    assert batches(project, "name") == [["after"]]


def test_a_shorter_timeout_frees_the_queue_and_drops_the_batch(project, caplog):
    import litellm
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

    async def main() -> None:
        with faults.start("silent") as outage:
            async with reporting() as logger:
                logger.async_httpx_client = AsyncHTTPHandler(timeout=0.2)
                await litellm.acompletion(**CALL)
                assert await eventually(lambda: outage.waiting == 1)
                assert await eventually(lambda: logger.log_queue == [])
                await logger.async_httpx_client.close()

    asyncio.run(main())
    assert "Langsmith Layer Error" in caplog.text and batches(project) == []


def sent(project: str, count: int) -> list[list[str]]:
    """Wait until ``count`` requests have come, and return the names of their runs."""
    end = time.monotonic() + 20
    while len(batches(project)) < count and time.monotonic() < end:
        time.sleep(0.02)
    return batches(project, "name")


def test_the_logger_for_synchronous_calls_sends_each_run_once(project, synchronous):
    import litellm

    for count, term in enumerate(("TCP", "SQL", "TCP"), start=1):
        litellm.completion(**asking(term), metadata={"run_name": term})
        sent(project, count)
    threads = [threading.Thread(target=litellm.completion, kwargs=CALL) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asyncio.run(eventually(lambda: len(sum(batches(project), [])) >= 11))
    assert asyncio.run(eventually(lambda: synchronous.log_queue == []))
    assert len(set(sum(batches(project), []))) == 11
    assert sent(project, 3)[:3] == [["TCP"], ["SQL"], ["TCP"]]


def test_it_logs_the_failure_of_a_synchronous_call_where_a_loop_runs_and_where_none_does(
    project, synchronous
):
    import litellm

    def fail(name: str) -> None:
        with suppress(litellm.BadRequestError):
            litellm.completion(**MISSPELT, metadata={"run_name": name})

    async def main() -> None:
        fail("in a loop")

    fail("without")
    assert sent(project, 1) == [["without"]]
    asyncio.run(main())
    assert sent(project, 2) == [["without"], ["in a loop"]]


def test_it_logs_the_failure_of_an_asynchronous_call_once(project, synchronous):
    import litellm

    async def main() -> None:
        with suppress(litellm.BadRequestError):
            await litellm.acompletion(**MISSPELT, metadata={"run_name": "asynchronous"})
        await litellm.acompletion(**CALL, metadata={"run_name": "fine"})
        assert await eventually(lambda: ["fine"] in batches(project, "name"))

    asyncio.run(main())
    assert batches(project, "name") == [["asynchronous"], ["fine"]]
