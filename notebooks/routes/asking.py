"""Calls that may be refused: a provider that is busy, and a router with a second model."""

import httpx
import litellm
from litellm import Router, acompletion
from openai import AsyncOpenAI

litellm.suppress_debug_info = True  # no advice on the screen for errors that are meant


def about(term, model="gpt-4o-mini"):
    question = {"role": "user", "content": f"What is {term}? Answer in one sentence."}
    return {"model": model, "messages": [question], "temperature": 0}


class Busy(httpx.AsyncHTTPTransport):
    """The way to the provider, which refuses the first requests."""

    def __init__(self, times):
        super().__init__()
        self.left = times

    async def handle_async_request(self, request):
        if self.left == 0:
            return await super().handle_async_request(request)
        self.left -= 1
        return httpx.Response(429, json={"error": {"message": "busy"}})


def busy(times):
    """Return a client of OpenAI's whose first requests are refused."""
    return AsyncOpenAI(http_client=httpx.AsyncClient(transport=Busy(times)))


def refused_once():
    """Return a function that asks about a term, and is refused the first time it is called."""
    client = busy(1)

    async def attempt(term):
        response = await acompletion(**about(term), client=client, max_retries=0)
        return response.choices[0].message.content

    return attempt


def falling_back():
    """Return a router whose first model always refuses, and whose second answers instead."""
    first = {"model": "gpt-4o-mini", "mock_response": "litellm.RateLimitError"}
    models = [
        {"model_name": "first", "litellm_params": first},
        {"model_name": "second", "litellm_params": {"model": "gpt-4o-mini"}},
    ]
    return Router(models, fallbacks=[{"first": ["second"]}], num_retries=0)
