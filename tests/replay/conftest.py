from __future__ import annotations

import openai
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from helpers.recording import Recording, save
from helpers.replay import Provider, create_app
from tests.replay.samples import ANSWER, CHAT, EMBEDDED, EVENTS, HTTP, PROVIDER_KEY, STREAM, VECTOR
from tests.serving.opened import serving


@pytest.fixture
def folder(tmp_path):
    """Recordings of one answer, its stream, an embedding and two failures."""
    body = {"status": 200, "headers": {"content-type": "application/json"}}
    save(tmp_path, Recording(CHAT, HTTP, {**body, "body": ANSWER}))
    chunks = [[1, event] for event in EVENTS]
    save(tmp_path, Recording(CHAT, STREAM, {"status": 200, "headers": {}, "chunks": chunks}))
    save(tmp_path, Recording("/embeddings", VECTOR, {**body, "body": EMBEDDED}))
    busy = {"status": 429, "headers": {"retry-after": "3", "x-should-retry": "false"}}
    save(tmp_path, Recording(CHAT, {**HTTP, "seed": 429}, {**busy, "body": {"error": {}}}))
    return tmp_path


@pytest.fixture
def url(folder):
    with serving(create_app(folder, strict=True, pace=0)) as url:
        yield url


@pytest.fixture
def lenient(folder):
    with serving(create_app(folder, strict=False, use_local_model=False)) as url:
        yield openai.OpenAI(base_url=url, api_key="none")


@pytest.fixture
def provider():
    """A provider that answers with what it was asked; ``seen`` holds headers and bodies."""
    seen: list[tuple[dict, dict]] = []

    async def chat(request):
        body = await request.json()
        seen.append((dict(request.headers), body))
        text = body["messages"][-1]["content"]
        if text.isdigit():
            return JSONResponse({"error": {"message": text}}, int(text))
        if not body.get("stream"):
            number = str(len(seen)) if text != "Leak." else "Bearer abc123def456"
            headers = {
                "set-cookie": "a=b",
                **({"x-tutorial-note": text} if text == "Note." else {}),
            }
            return JSONResponse({**ANSWER, "id": number}, headers=headers)
        leak = ['data: {"choices":[],"a":"Bearer abc123def456"}'] if text == "Leak." else []
        parts = [event + "\n\n" for event in EVENTS[:2] + leak + EVENTS[2:]]
        return StreamingResponse(iter(parts), media_type="text/event-stream")

    async def embed(request):
        seen.append((dict(request.headers), await request.json()))
        return JSONResponse(EMBEDDED)

    async def garbled(request):
        return Response("<html>", 200, media_type="text/html")

    routes = [(CHAT, chat), ("/embeddings", embed), ("/garbled", garbled)]
    app = Starlette(routes=[Route("/v1" + path, to, methods=["POST"]) for path, to in routes])
    with serving(app) as url:
        yield Provider(base_url=url + "/v1", api_key=PROVIDER_KEY, name="test"), seen


@pytest.fixture
def recorder(tmp_path, provider):
    with serving(create_app(tmp_path, strict=False, provider=provider[0], pace=0)) as url:
        yield url
