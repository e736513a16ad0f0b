"""OpenAI's protocol in front of LiteLLM: answers, streams, vectors and refusals of any provider."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from helpers.translator import Wanted
from helpers.translator.serve import create_app, missing

HELLO = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}
CLAUDE = Wanted("anthropic/claude-haiku-4-5")


def post(body: dict[str, Any], path: str = "/v1/chat/completions") -> httpx.Response:
    async def work() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(CLAUDE))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(path, json=body)

    return asyncio.run(work())


# LiteLLM's mock answers in the place of the provider, so that nothing leaves this process.
def test_the_wanted_model_answers_whatever_name_it_is_asked_by():
    answer = post(HELLO | {"mock_response": "good day"}).json()
    assert answer["choices"][0]["message"]["content"] == "good day"
    assert answer["model"] == "claude-haiku-4-5"


def test_a_stream_comes_in_pieces_and_ends():
    answer = post(HELLO | {"stream": True, "mock_response": "good day to you"})
    *events, last = answer.text.strip().split("\n\n")
    pieces = [json.loads(event.removeprefix("data: ")) for event in events]
    said = "".join(p["choices"][0]["delta"].get("content", "") for p in pieces if p["choices"])
    assert said == "good day to you" and last == "data: [DONE]" and len(pieces) > 1


def test_a_refusal_keeps_the_providers_status_and_words():
    answer = post(HELLO | {"mock_response": "litellm.RateLimitError"})
    assert answer.status_code == 429
    assert not answer.json()["error"]["message"].startswith("litellm.")


def test_a_provider_without_vectors_is_said_to_have_none():
    answer = post({"model": "x", "input": "a"}, "/v1/embeddings")
    assert answer.status_code == 400
    assert "TUTORIAL_EMBEDDING_MODEL" in answer.json()["error"]["message"]


def test_the_variables_that_litellm_misses_are_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.delenv("ANTHROPIC_AUTH_TOKEN", raising=False)
    assert "ANTHROPIC_API_KEY" in missing(CLAUDE)
