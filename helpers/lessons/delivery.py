"""One logger of LiteLLM's after another in one process, and its runs sent at once.

A service needs neither: it names its logger once, at its start, and the logger sends every few
seconds by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

__all__ = ["connect", "deliver", "reporting"]

SECONDS = 10.0  # for LiteLLM to hand over what was called


@asynccontextmanager
async def reporting(logger: Any, count: int = 0) -> AsyncIterator[Any]:
    """Let LiteLLM report to ``logger`` alone within a block, and send it all at the block's end.

    Those that it reported to before have their place again afterwards. See ``deliver`` for
    ``count``.
    """
    import litellm

    before = list(litellm.callbacks)
    connect(logger)
    try:
        yield logger
        await deliver(logger, count)
    finally:
        connect(*before)


def connect(*loggers: Any) -> None:
    """Let LiteLLM report to ``loggers``, and to no other; without any, to nobody.

    LiteLLM copies a logger into several lists when a call begins; it is taken out of all of them.
    """
    import litellm

    manager = litellm.logging_callback_manager
    for old in [each for each in litellm.callbacks if each not in loggers]:
        manager.remove_callback_from_all_lists(old)
        if old in litellm.input_callback:
            litellm.input_callback.remove(old)
    litellm.callbacks = list(loggers)


async def deliver(logger: Any, count: int = 0) -> None:
    """Send what LiteLLM has for ``logger``, waiting until there are ``count`` runs, 10 s at most.

    Calls with ``await`` are handed over by a worker, which is waited for. Those without are handed
    over by threads of which LiteLLM tells nothing, hence ``count``.
    """
    from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

    await asyncio.sleep(0.1)  # lets LiteLLM hand over what ended last
    await GLOBAL_LOGGING_WORKER.flush()
    end = time.monotonic() + SECONDS
    while len(logger.log_queue) < count and time.monotonic() < end:
        await asyncio.sleep(0.02)
    await logger.flush_queue()
