"""SmolLM2 on this machine as a hosted provider would be: with a key, sampling, other words.

The recordings are of the same model at temperature 0. Here it is asked at 0.9, so that each answer
is another; it refuses what ``scripted`` refuses, in the same words.
"""

from __future__ import annotations

import random
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from helpers import smollm2
from tests.live import scripted

__all__ = ["create_app"]

TEMPERATURE = 0.9
MOST = 120  # tokens of an answer, since a model of this size does not always come to an end
TRIES = 8  # of an answer under a schema, which with a hosted provider does


def cut_off(answer: dict[str, Any]) -> bool:
    """Whether an answer has ended since it had as many tokens as it might have."""
    return any(choice["finish_reason"] == "length" for choice in answer.get("choices", ()))


def create_app(model: smollm2.Model, log: list[int]) -> Starlette:
    """Return the application in front of ``model``; ``log`` gets the tokens of each answer."""
    bearer = {"Authorization": f"Bearer {model.key}"}
    client = httpx.AsyncClient(base_url=model.url, headers=bearer, timeout=300, trust_env=False)
    chance = random.Random(7)

    async def ask(request: Request) -> Response:
        body = await request.json()
        try:
            name = scripted.checked(request, body)
            scripted.roles(body)
        except scripted.Refusal as refusal:
            return refusal.response
        path = request.url.path.removeprefix("/v1")
        tries = TRIES if "response_format" in body and "max_tokens" not in body else 1
        if path == "/chat/completions":
            body |= {"temperature": TEMPERATURE, "seed": chance.randrange(2**31)}
            body.setdefault("max_tokens", MOST)
        else:
            body["encoding_format"] = "float"
        if body.get("stream"):
            return StreamingResponse(relayed(path, body), media_type="text/event-stream")
        for _ in range(tries):
            answer = await client.post(path, json=body)
            content: Any = answer.json()
            if not cut_off(content):
                break
            body["seed"] = chance.randrange(2**31)
        if answer.is_success:
            log.append(content["usage"]["total_tokens"])
            content["model"] = name
        return JSONResponse(content, answer.status_code)

    async def relayed(path: str, body: dict[str, Any]) -> Any:
        async with client.stream("POST", path, json=body) as answer:
            async for line in answer.aiter_lines():
                yield line + "\n"
        log.append(0)

    paths = ("/v1/chat/completions", "/v1/embeddings")
    return Starlette(routes=[Route(path, ask, methods=["POST"]) for path in paths])
