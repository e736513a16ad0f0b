"""The process itself: OpenAI's protocol in front, LiteLLM behind. Run by ``process``."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.processes.served import tell_address
from helpers.serving.guard import Door, Guard
from helpers.serving.server import serving
from helpers.translator.process import FOLDER_VARIABLE, KEY_VARIABLE, WANTED_VARIABLE
from helpers.translator.wanted import EMBEDDING_VARIABLE, Wanted

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.responses import Response

__all__ = ["create_app", "main", "missing"]


def main() -> None:
    """Serve until the process ends; write the address to its file when requests are answered."""
    wanted = Wanted.of_json(os.environ.pop(WANTED_VARIABLE))
    key, folder = os.environ.pop(KEY_VARIABLE), Path(os.environ.pop(FOLDER_VARIABLE))
    if lacking := missing(wanted):
        sys.exit(f"LiteLLM asks {wanted.model} only with {' and '.join(lacking)} set.")
    with serving(Guard(create_app(wanted), Door(key)), name="translator") as url:
        tell_address(folder, f"{url}/v1")
        threading.Event().wait()


def missing(wanted: Wanted) -> list[str]:
    """Return the variables that LiteLLM needs for these models and that are not set."""
    import litellm

    models = filter(None, [wanted.model, wanted.embedding])
    return sorted({k for m in models for k in litellm.validate_environment(m)["missing_keys"]})


def create_app(wanted: Wanted) -> Starlette:
    """Return the application: chat completions, streams and vectors, under ``/v1``."""
    import litellm
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, StreamingResponse
    from starlette.routing import Route

    litellm.suppress_debug_info = True
    litellm.drop_params = True  # what a provider lacks (a penalty, a seed) is left out

    async def chat(request: Request) -> Response:
        body = await request.json()
        try:
            answer = await litellm.acompletion(**{**body, "model": wanted.model, "max_retries": 0})
        except Exception as error:
            return _refused(error)
        if body.get("stream"):
            return StreamingResponse(_events(answer), media_type="text/event-stream")
        return JSONResponse(answer.model_dump(exclude_none=True))

    async def embeddings(request: Request) -> Response:
        body = await request.json()
        if wanted.embedding is None:
            said = f"{wanted.model} makes no vectors here. Name a model that does in "
            return _error(400, f"{said}{EMBEDDING_VARIABLE} and start the kernel again.")
        # As numbers: not every provider knows another notation, and who asked gets his.
        asked = {name: value for name, value in body.items() if name != "encoding_format"}
        try:
            answer = await litellm.aembedding(**{**asked, "model": wanted.embedding})
        except Exception as error:
            return _refused(error)
        return JSONResponse(answer.model_dump(exclude_none=True))

    routes = [Route("/v1/chat/completions", chat, methods=["POST"])]
    return Starlette(routes=[*routes, Route("/v1/embeddings", embeddings, methods=["POST"])])


async def _events(chunks: Any) -> AsyncIterator[str]:
    try:
        async for chunk in chunks:
            yield f"data: {json.dumps(chunk.model_dump(exclude_none=True))}\n\n"
    except Exception as error:
        yield f"data: {bytes(_refused(error).body).decode()}\n\n"
    yield "data: [DONE]\n\n"


def _refused(error: Exception) -> Response:
    """Return the provider's refusal with its status and its words, which LiteLLM has kept."""
    status = getattr(error, "status_code", None)
    # Without the words that LiteLLM puts before them, which the caller's LiteLLM would double.
    words = str(error).removeprefix("litellm.").partition(": ")[2] or str(error)
    return _error(status if isinstance(status, int) and 400 <= status < 600 else 502, words)


def _error(status: int, message: str) -> Response:
    from starlette.responses import JSONResponse

    kind = "server_error" if status >= 500 else "invalid_request_error"
    error = {"message": message, "type": kind, "param": None, "code": None}
    return JSONResponse({"error": error}, status, {"x-should-retry": "false"})
