"""Answers in the forms of the OpenAI API: JSON, streams, vectors, errors."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.responses import Response, StreamingResponse

from helpers.replay import headers
from helpers.replay.request import RequestError
from helpers.replay.upstream import unasked_usage_removed

__all__ = [
    "encoded",
    "error_body",
    "error_response",
    "json_response",
    "model_entry",
    "stream",
    "trimmed",
    "unhurried",
    "with_base64",
]


def json_response(
    content: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return ``content``, a JSON value or text that was none, as an answer."""
    return Response(
        encoded(content), status, {"content-type": "application/json", **(headers or {})}
    )


def encoded(content: Any) -> bytes:
    """Return ``content`` in the bytes that are sent."""
    if isinstance(content, str):
        return content.encode()
    return json.dumps(content, separators=(",", ":")).encode()


def stream(
    events: AsyncIterator[str], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return server-sent events as an answer; empty ones are left out."""

    async def parts() -> AsyncIterator[str]:
        async for event in events:
            if event:
                yield event + "\n\n"

    kept = {"content-type": "text/event-stream; charset=utf-8", **(headers or {})}
    return StreamingResponse(parts(), status, kept)


async def unhurried(events: Any) -> AsyncIterator[str]:
    """Yield each of ``events`` at once."""
    for event in events:
        yield event


def trimmed(event: str, body: Mapping[str, Any]) -> str:
    """Return the event as this caller asked for it, empty when nothing is left."""
    return unasked_usage_removed(event, body) or ""


def with_base64(content: Any) -> Any:
    """Write vectors as the API does for ``encoding_format: base64``: little-endian float32."""
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        return content
    data = []
    for item in content["data"]:
        vector = item["embedding"]
        if isinstance(vector, str):  # it is in that notation already
            data.append(item)
            continue
        packed = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
        data.append({**item, "embedding": packed})
    return {**content, "data": data}


def model_entry(name: str) -> dict[str, Any]:
    """Return a model as the list of models has it."""
    return {"id": name, "object": "model", "created": 0, "owned_by": "recordings"}


def error_response(refusal: RequestError) -> Response:
    """Return a refusal as an answer that clients do not try again."""
    given = {**refusal.headers, **headers.FINAL}
    return json_response(error_body(refusal), refusal.status, given)


def error_body(refusal: RequestError) -> dict[str, Any]:
    """Return a refusal in the form of OpenAI's errors."""
    kind = "server_error" if refusal.status >= 500 else "invalid_request_error"
    parts = {"message": str(refusal), "type": kind, "param": refusal.param, "code": refusal.code}
    return {"error": parts}
