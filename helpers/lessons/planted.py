"""Programs with a fault in them, for the exercises of lesson 13: their traces go missing.

Each stands for a program of somebody's, so it is to be called before its source is read.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from helpers.errors import TutorialError
from helpers.lessons import callback
from helpers.session import clients

__all__ = ["late_switch", "nightly", "one_batch"]

QUESTION = {"role": "user", "content": "What is HTTP? Answer in one sentence."}
MODEL = "gpt-4o-mini"
SECONDS = 20.0  # in which LiteLLM reports a call that is over


def late_switch() -> Callable[[str], str]:
    """Return the traced function ``spell`` of a program that was switched on after a first call.

    LangSmith's SDK keeps what it has read of its environment (``langsmith.utils.get_env_var``).
    """
    from langsmith import traceable

    @traceable
    def spell(term: str) -> str:
        return " ".join(term)

    os.environ["LANGSMITH_TRACING"] = "false"
    clients.read_again()
    spell("HTTP")
    os.environ["LANGSMITH_TRACING"] = "true"
    return spell


def nightly() -> Callable[[], None]:
    """Return ``job`` of a program that asks by ``completion``, and has no event loop.

    Here one is running, so its logger is made in a thread without one, as in a script (1.106.2:
    ``LangsmithLogger`` begins to look at the time where it is made, or in an asynchronous call).
    """
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    def job() -> None:
        label = {"run_name": "nightly"}
        litellm.completion(MODEL, [QUESTION], temperature=0, metadata=label)

    def begin() -> None:
        litellm.callbacks = [LangsmithLogger()]

    _switched_off()
    callback.forget()
    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    return job


async def one_batch(calls: Sequence[dict[str, Any]]) -> None:
    """Ask once with each metadata in ``calls``, and send their runs to LangSmith as one batch.

    What LangSmith says to a batch that it refuses is in LiteLLM's log. Raises ``TutorialError``
    when LiteLLM has not reported all calls in time.
    """
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    _switched_off()
    callback.forget()
    logger = LangsmithLogger(batch_size=len(calls) + 1, flush_interval=3600)
    litellm.callbacks = [logger]
    try:
        for metadata in calls:
            await litellm.acompletion(MODEL, [QUESTION], temperature=0, metadata=dict(metadata))
        end = time.monotonic() + SECONDS
        while len(logger.log_queue) < len(calls):
            if time.monotonic() > end:
                there = f"{len(logger.log_queue)} of {len(calls)} calls"
                raise TutorialError(f"LiteLLM has reported {there} in {SECONDS:.0f} s. Try again.")
            await asyncio.sleep(0.01)
        await logger.flush_queue()  # type: ignore[no-untyped-call]
    finally:
        callback.forget()


def _switched_off() -> None:
    """Leave nothing of the SDK's switch to a program that has LiteLLM's callback alone."""
    os.environ.pop("LANGSMITH_TRACING", None)
    clients.read_again()
