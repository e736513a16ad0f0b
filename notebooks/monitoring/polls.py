"""Somebody's monitoring, which asks a model all day whether it is up (lesson 08)."""

import asyncio
from collections import Counter
from contextlib import suppress

import litellm
from langsmith import Client, traceable
from openai import AsyncOpenAI

from helpers import traces
from helpers.lessons import delivery


async def poll(logger, count=40, *, failures=0, metadata=None, **options):
    """Make calls that ``logger`` logs, the first of which fail, and send what it kept.

    ``metadata`` and ``options`` go to each call.
    """
    litellm.suppress_debug_info = True  # no hint about debugging at each failure
    call = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Are you up?"}]}
    async with delivery.reporting(logger):
        for number in range(count):
            # With mock_response LiteLLM answers itself, and logs the call like any other.
            reply = Exception("no answer") if number < failures else "Yes."
            about = dict(metadata or {"run_name": "poll"})
            with suppress(litellm.InternalServerError):
                await litellm.acompletion(**call, mock_response=reply, metadata=about, **options)


async def poll_proxy(gateway, name, count=20, **body):
    """Make calls to a proxy, with ``body`` in the body of each."""
    question = {"role": "user", "content": "What is HTTP? Answer in one sentence."}
    call = {"model": "gpt-4o-mini", "messages": [question], "temperature": 0}
    call["extra_body"] = {"metadata": {"run_name": name}, **body}
    async with AsyncOpenAI(base_url=gateway.url, api_key=gateway.key) as caller:
        await asyncio.gather(*[caller.chat.completions.create(**call) for _ in range(count)])


def serve(endpoint, requests, rate):
    """Answer requests in traced functions of that name, kept at a rate of the SDK."""
    client = Client(tracing_sampling_rate=rate)
    answer = traceable(str.upper, name=endpoint, client=client, enabled=True)
    for _ in range(requests):
        answer("http")
    client.flush()


def runs_since(moment):
    """Return the runs in the session's project that began since then."""
    runs = traces.query(f'gte(start_time, "{moment.isoformat()}")', limit=1000)
    return [run for run in runs if run.start >= moment]


def count_since(moment):
    """Return how many there are of each name."""
    return Counter(run.name for run in runs_since(moment))
