"""A glossary that is traced by both layers, on a bad day of LangSmith's (lesson 14)."""

import asyncio
import os
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path

import litellm
from langsmith import Client, traceable, tracing_context
from urllib3 import Retry

from helpers.lessons import delivery, faults

_folder = tempfile.TemporaryDirectory()  # ends with the program
FOLDER = Path(_folder.name)  # for what the SDK cannot send
asked = []  # clients that may still have something to send
weather = []  # tags of what is made meanwhile


@traceable
async def define(term):
    question = {"role": "user", "content": f"What is {term}? Answer in one sentence."}
    call = {"model": "gpt-4o-mini", "messages": [question], "temperature": 0}
    label = {"run_name": term, "tags": list(weather)}
    response = await litellm.acompletion(**call, metadata=label)
    return response.choices[0].message.content


async def ask(*terms, client=None, logger=None):
    """Define terms at once, traced through a client of the SDK, logged by a logger of LiteLLM's."""
    delivery.connect(*([logger] if logger else []))
    asked.extend([client] if client else [])
    with tracing_context(enabled=client is not None, client=client, tags=list(weather)):
        return await asyncio.gather(*map(define, terms))


def impatient():
    """Return a client that tries once, and writes what it cannot send into ``FOLDER``."""
    os.environ["LANGSMITH_FAILED_TRACES_DIR"] = str(FOLDER)
    return Client(retry_config=Retry(total=0))


def lost(*terms):
    """Spell terms while LangSmith is not there; return the files with what the SDK has kept."""
    before, spell = set(FOLDER.glob("*.json")), traceable(" ".join, name="spell")
    with faults.start("unreachable"):
        for term in terms:
            client = impatient()
            with tracing_context(enabled=True, client=client):
                spell(term)
            client.flush(timeout=10)
    return sorted(set(FOLDER.glob("*.json")) - before)


async def until(condition, seconds=10):
    """Wait until it holds, or so many seconds; the event loop is free meanwhile."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        await asyncio.sleep(0.05)


async def settled(outage, seconds=2.5):
    """Wait until a request is held for so long that it is not one of LiteLLM's worker."""
    held, since = 0, time.monotonic()
    while held < 2 or time.monotonic() < since + seconds:
        if held != outage.waiting:
            held, since = outage.waiting, time.monotonic()
        await asyncio.sleep(0.05)


async def stuck(logger):
    """Define DNS, whose report LangSmith never answers, and then TCP and SQL."""
    with faults.start("silent", times=1) as outage:
        await ask("DNS", logger=logger)
        await until(lambda: outage.waiting)
        await ask("TCP", "SQL", logger=logger)
        there = outage.handed_on
        await until(lambda: all(any(t in body for body in there) for t in (b"TCP", b"SQL")))


@asynccontextmanager
async def hiccup():
    """Let LangSmith answer two requests with 503, and be well again."""
    with faults.start(503, times=2) as outage:
        weather.append("hiccup")
        try:
            yield
        finally:
            weather.remove("hiccup")
        for client in asked:
            await asyncio.to_thread(client.flush, timeout=20)
        asked.clear()
        await until(lambda: outage.handed_on)
