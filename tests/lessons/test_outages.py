"""What lesson 14 says of memory, and the logger that it has for what could not be sent."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from helpers.lessons import faults
from tests.lessons.calls import CALL, NOTEBOOKS, batches, eventually, lesson, remove


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("outages") as patch:
        patch.syspath_prepend(str(NOTEBOOKS))
        yield
    sys.modules.pop("proxy.keeping", None)


def test_what_litellm_s_logger_could_not_send_is_dropped_and_the_keeping_one_s_is_not():
    import litellm

    async def main() -> list[int]:
        left = []
        for logger in (LangsmithLogger(batch_size=1), KeepingLogger(batch_size=1)):
            litellm.callbacks = [logger]
            with faults.start(503) as outage:
                await litellm.acompletion(**CALL | {"metadata": {"run_name": "kept"}})
                assert await eventually(lambda: outage.statuses == [503])
                await asyncio.sleep(0)
                async with logger.flush_lock:
                    left.append(len(logger.log_queue))
                outage.end()
                await logger.flush_queue()
                left.append(len(logger.log_queue))
            remove(logger)
        return left

    from litellm.integrations.langsmith import LangsmithLogger
    from proxy.keeping import KeepingLogger

    assert asyncio.run(main()) == [0, 0, 1, 0]
    assert batches("outages", "name") == [["kept"]]


def test_the_keeping_logger_drops_what_is_refused_for_what_it_is():
    import litellm
    from proxy.keeping import KeepingLogger

    async def main() -> None:
        litellm.callbacks = [logger := KeepingLogger(batch_size=1)]
        with faults.start(422) as outage:
            await litellm.acompletion(**CALL)
            assert await eventually(lambda: outage.statuses == [422, 422])
            assert await eventually(lambda: logger.log_queue == [])
        remove(logger)

    asyncio.run(main())


def test_a_bound_counts_only_after_an_error_that_leaves_the_logger():
    from litellm.integrations.langsmith import LangsmithLogger
    from proxy.keeping import KeepingLogger

    async def left(kind: Any, trouble: int) -> int:
        logger = kind(max_queue_size=2, flush_interval=3600)
        with faults.start(trouble):
            logger.log_queue = [
                {"data": {"id": str(each)}, "credentials": logger.get_credentials_from_env()}
                for each in range(5)
            ]
            await logger.flush_queue()
        return len(logger.log_queue)

    assert asyncio.run(left(KeepingLogger, 503)) == 2
    assert asyncio.run(left(LangsmithLogger, 503)) == 0
    assert LangsmithLogger(max_queue_size=2).max_queue_size == 2
    assert LangsmithLogger().max_queue_size == 50_000


def test_what_the_sdk_holds_is_bounded_by_default():
    from langsmith._internal._compressed_traces import CompressedTraces
    from langsmith._internal._constants import _TRACING_QUEUE_MAX_SIZE

    assert _TRACING_QUEUE_MAX_SIZE == 10_000
    assert CompressedTraces().max_uncompressed_size_bytes == 1024**3
