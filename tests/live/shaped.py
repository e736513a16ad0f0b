"""Providers whose protocol is not OpenAI's: one as Anthropic's, one as Ollama's.

Both say what ``scripted`` says. Their forms are those of the two vendors' documentation, as far as
LiteLLM 1.106.2 reads them (litellm/llms/anthropic, litellm/llms/ollama).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.live import scripted

__all__ = ["CLAUDE", "KEY", "LLAMA", "create_app"]

KEY = "sk-ant-" + secrets.token_urlsafe(32)
CLAUDE, LLAMA = "claude-haiku-4-5-20251001", "llama3.2"


async def messages(request: Request) -> Response:
    """Answer as Anthropic's Messages API does."""
    body = await request.json()
    if request.headers.get("x-api-key") != KEY:
        error = {"type": "authentication_error", "message": "invalid x-api-key"}
        return JSONResponse({"type": "error", "error": error}, 401)
    if body["model"] != CLAUDE:
        error = {"type": "not_found_error", "message": f"model: {body['model']}"}
        return JSONResponse({"type": "error", "error": error}, 404)
    asked = {"messages": [_plain(one) for one in body["messages"]]}
    text = scripted.answered(asked)[0]["content"]
    counts = scripted.usage(asked, {"content": text})
    request.app.state.log.append(counts["total_tokens"])
    used = {"input_tokens": counts["prompt_tokens"], "output_tokens": counts["completion_tokens"]}
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": CLAUDE}
    if body.get("stream"):
        return StreamingResponse(_spoken(head, text, used), media_type="text/event-stream")
    answer = head | {"content": [{"type": "text", "text": text}], "stop_reason": "end_turn"}
    return JSONResponse(answer | {"stop_sequence": None, "usage": used})


async def _spoken(head: dict[str, Any], text: str, used: dict[str, int]) -> AsyncIterator[str]:
    begun = head | {"content": [], "usage": used | {"output_tokens": 1}}
    yield _event("message_start", message=begun)
    yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for word in text.split(" "):
        yield _event(
            "content_block_delta", index=0, delta={"type": "text_delta", "text": f"{word} "}
        )
    yield _event("content_block_stop", index=0)
    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    yield _event("message_delta", delta=ended, usage={"output_tokens": used["output_tokens"]})
    yield _event("message_stop")


def _event(kind: str, **content: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **content})}\n\n"


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    content = message["content"]
    if not isinstance(content, str):
        content = " ".join(part.get("text", "") for part in content)
    return {"role": message["role"], "content": content}


async def chat(request: Request) -> Response:
    """Answer as Ollama's ``/api/chat`` does, which LiteLLM asks for ``ollama_chat/…``."""
    body = await request.json()

    def said(text: str) -> dict[str, Any]:
        return {"message": {"role": "assistant", "content": text}}

    return _of_ollama(request, body, body["messages"], said)


async def generate(request: Request) -> Response:
    """Answer as Ollama's ``/api/generate`` does, which LiteLLM asks for ``ollama/…``."""
    body = await request.json()
    messages = [{"role": "user", "content": body["prompt"]}]
    return _of_ollama(request, body, messages, lambda text: {"response": text})


def _of_ollama(
    request: Request,
    body: dict[str, Any],
    messages: list[dict[str, Any]],
    said: Callable[[str], dict[str, Any]],
) -> Response:
    """Answer ``messages`` in one piece, or word by word in lines of JSON."""
    if body["model"] != LLAMA:
        return JSONResponse({"error": f"model '{body['model']}' not found"}, 404)
    asked = {"messages": messages}
    text = scripted.answered(asked)[0]["content"]
    counts = scripted.usage(asked, {"content": text})
    request.app.state.log.append(counts["total_tokens"])
    used = {
        "prompt_eval_count": counts["prompt_tokens"],
        "eval_count": counts["completion_tokens"],
    }
    head = {"model": LLAMA, "created_at": "2026-11-25T00:00:00Z", "done": False}
    end = {"done": True, "done_reason": "stop", **used}

    async def lines() -> AsyncIterator[str]:
        for word in text.split(" "):
            yield json.dumps(head | said(f"{word} ")) + "\n"
        yield json.dumps(head | said("") | end) + "\n"

    if body.get("stream"):
        return StreamingResponse(lines(), media_type="application/x-ndjson")
    return JSONResponse(head | said(text) | end)


async def show(request: Request) -> Response:
    """Describe a model, which LiteLLM asks for."""
    return JSONResponse({"template": "", "model_info": {}, "capabilities": ["completion"]})


def create_app(log: list[int] | None = None) -> Starlette:
    """Return the application with the routes of both; ``log`` gets the tokens of each answer."""
    app = Starlette(
        routes=[
            Route("/v1/messages", messages, methods=["POST"]),
            Route("/api/chat", chat, methods=["POST"]),
            Route("/api/generate", generate, methods=["POST"]),
            Route("/api/show", show, methods=["POST"]),
        ]
    )
    app.state.log = [] if log is None else log
    return app
