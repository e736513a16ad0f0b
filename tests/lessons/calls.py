"""Model calls as the lessons make them, and what LiteLLM's callback sends of them."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from langsmith import run_trees

from helpers import services, session, traces
from helpers.paths import ROOT
from helpers.session import clients
from helpers.traces import Run

if TYPE_CHECKING:
    from litellm.integrations.langsmith import LangsmithLogger

NOTEBOOKS = ROOT / "notebooks"


def asking(term: str) -> dict[str, Any]:
    """Return the arguments of a call about ``term``; there are recordings for the lessons' own."""
    question = {"role": "user", "content": f"What is {term}? Answer in one sentence."}
    return {"model": "gpt-4o-mini", "messages": [question], "temperature": 0}


CALL = asking("HTTP")
PROMPT: str = CALL["messages"][0]["content"]


@contextmanager
def lesson(project: str, **variables: str) -> Iterator[pytest.MonkeyPatch]:
    """A lesson's circumstances: a session, the notebooks' folder, a project, other variables."""
    with session.start("replay"), pytest.MonkeyPatch.context() as patch:
        patch.chdir(NOTEBOOKS)
        for name, value in {"LANGSMITH_PROJECT": project, **variables}.items():
            patch.setenv(name, value)
        patch.setattr(run_trees, "_CLIENT", None)
        clients.read_again()
        yield patch
    clients.read_again()


def remove(logger: LangsmithLogger) -> None:
    """Take a logger out of all of LiteLLM's lists."""
    import litellm

    litellm.logging_callback_manager.remove_callback_from_all_lists(logger)
    if logger in litellm.input_callback:
        litellm.input_callback.remove(logger)


@asynccontextmanager
async def reporting(batch_size: int = 1, **options: Any) -> AsyncIterator[LangsmithLogger]:
    """LiteLLM's callback, on in this block."""
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    logger = LangsmithLogger(batch_size=batch_size, **options)
    litellm.callbacks.append(logger)
    try:
        yield logger
    finally:
        remove(logger)


def logged(*calls: dict[str, Any]) -> list[Run]:
    """Make calls with LiteLLM's callback, send their runs as one batch, and read what arrived."""
    return asyncio.run(_logged(calls))


async def _logged(calls: tuple[dict[str, Any], ...]) -> list[Run]:
    import litellm

    name = str(uuid.uuid4())
    async with reporting(batch_size=len(calls)):
        for extra in calls:
            metadata = {"run_name": name} | extra.get("metadata", {})
            await litellm.acompletion(**(CALL | extra | {"metadata": metadata}))
        found = await traces.wait(len(calls), name=name, timeout=20)
    return [trace.root for trace in found]


async def refused(*metadata: dict[str, Any]) -> None:
    """Make a call for each metadata and send their runs in one batch, whose refusal is logged."""
    import litellm

    async with reporting(batch_size=len(metadata) + 1) as logger:
        for each in metadata:
            await litellm.acompletion(**CALL, metadata=each)
        await eventually(lambda: len(logger.log_queue) == len(metadata))  # a moment after
        await logger.flush_queue()


def batches(project: str, field: str = "id") -> list[list[str]]:
    """Return, for each request of the callback with runs of ``project``, a field of those runs."""
    running = session.current()
    assert running is not None and running.app is not None
    received = services.state_of(running.app).langsmith.requests
    bodies = [json.loads(one.body) for one in received if one.path.endswith("runs/batch")]
    sent = [[run for run in body["post"] if run["session_name"] == project] for body in bodies]
    return [[run[field] for run in runs] for runs in sent if runs]


async def eventually(condition: Callable[[], bool], *, seconds: float = 20) -> bool:
    """Wait until ``condition`` holds, with the loop free meanwhile; say whether it came to that."""
    for _ in range(round(seconds / 0.02)):
        if await asyncio.to_thread(condition):
            return True
        await asyncio.sleep(0.02)
    return False
