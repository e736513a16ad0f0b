"""Read a request and refuse what cannot be answered."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request

from helpers.errors import TutorialError

__all__ = ["LIMIT", "LOOPBACK", "Refusal", "checked", "foreign", "read"]

LIMIT = 20 * 1024 * 1024  # bytes of a request
REQUIRED = {"/chat/completions": "messages", "/embeddings": "input", "/responses": "input"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Refusal(TutorialError):
    """A request that is answered by an OpenAI-shaped error."""

    def __init__(
        self, message: str, *, status: int = 400, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.param, self.code = status, param, code


async def read(request: Request) -> Any:
    """Return the JSON value that a request carries; raise ``Refusal``."""
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > LIMIT:
                raise Refusal(f"The request is larger than {LIMIT} bytes.", code="too_large")
        return json.loads(content)
    except ClientDisconnect as error:
        raise Refusal("The request ended early.") from error
    except (ValueError, RecursionError) as error:
        raise Refusal("The request's body is not JSON.", code="invalid_json") from error


def checked(path: str, body: Any) -> dict[str, Any]:
    """Return ``body`` if it has what its route needs, else raise ``Refusal``."""
    if not isinstance(body, dict):
        raise Refusal("The request's body is not a JSON object.", code="invalid_json")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise Refusal("You must provide a model parameter, a text.", param="model")
    name = REQUIRED.get(path)
    if name and not body.get(name):
        raise Refusal(f"Missing required parameter: '{name}'.", param=name)
    if name == "messages" and not isinstance(body[name], list):
        raise Refusal("'messages' is not a list.", param=name)
    if not isinstance(body.get("stream_options") or {}, dict):
        raise Refusal("'stream_options' is not an object.", param="stream_options")
    return body


def foreign(request: Request) -> Refusal | None:
    """Refuse what a web page elsewhere sends here through the learner's browser."""
    origin = request.headers.get("origin")
    names = {_hostname("//" + request.headers.get("host", ""))}
    names |= {_hostname(origin)} if origin is not None else set()
    if names <= set(LOOPBACK):
        return None
    return Refusal("Only programs on this machine may call this service.", status=403)


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
