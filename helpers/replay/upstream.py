"""Pass a request on to a model's provider, and keep the exchange as a recording."""

from __future__ import annotations

import base64
import importlib.metadata
import json
import platform
import struct
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpers.errors import TutorialError
from helpers.recording import Recording
from helpers.smollm2.model import ANSWERED_BY, NOTE

if TYPE_CHECKING:
    # Imported where it is used: it takes longer than all of session.start() may, and replaying
    # needs none of it.
    import httpx

__all__ = ["Exchange", "Provider", "Unreachable", "open_exchange", "unasked_usage_removed"]

PACKAGES = ("langsmith", "litellm", "openai")
# Failures that the next try may not meet (busy, wrong key, down) are passed on but not kept.
LASTING = frozenset((400, 404, 422))


class Unreachable(TutorialError):
    """The provider gave no answer."""


@dataclass(frozen=True)
class Provider:
    """An OpenAI-compatible service; ``base_url`` ends where routes begin, mostly in ``/v1``."""

    base_url: str
    api_key: str = field(repr=False)
    name: str


@dataclass
class Exchange:
    """A request under way: ``status``, ``headers``, and either ``body`` or ``events``."""

    status: int
    headers: dict[str, str]
    body: Any
    events: AsyncIterator[str] | None
    recording: Callable[[], Recording | None]


async def open_exchange(
    client: httpx.AsyncClient, provider: Provider, *, path: str, body: Mapping[str, Any]
) -> Exchange:
    """Send ``body`` to the provider and return the answer, a stream's events as they come.

    ``recording()`` is what to keep, once a stream has ended, or None for a passing failure.
    Raises ``Unreachable``.
    """
    import httpx

    request = client.build_request(
        "POST",
        provider.base_url.rstrip("/") + path,
        json=_complete(path, body),
        headers={"authorization": f"Bearer {provider.api_key}"} if provider.api_key else None,
    )
    began = time.monotonic()
    try:
        response = await client.send(request, stream=True)
        streamed = response.headers.get("content-type", "").startswith("text/event-stream")
        text = "" if streamed else (await response.aread()).decode("utf-8", "replace")
    except httpx.HTTPError as error:
        raise _unreachable(provider, error) from error
    taken = round(time.monotonic() - began, 3)
    chunks: list[list[Any]] = []
    content = None if streamed else _with_numbers(path, _parsed(text))

    def recording() -> Recording | None:
        if not (response.is_success or response.status_code in LASTING):
            return None
        answer: dict[str, Any] = {"status": response.status_code, "headers": dict(response.headers)}
        answer |= {"chunks": chunks} if streamed else {"body": content, "seconds": taken}
        return Recording(path, dict(body), answer, _provenance(provider, response, answer))

    return Exchange(
        status=response.status_code,
        headers=dict(response.headers),
        body=content,
        events=_events(response, provider, chunks, began) if streamed else None,
        recording=recording,
    )


def unasked_usage_removed(event: str, body: Mapping[str, Any]) -> str | None:
    """Return the event as a caller who did not ask for usage sees it; None when it is all usage.

    Streams are recorded with ``stream_options.include_usage``, which LiteLLM's proxy always sets.
    """
    asked = (body.get("stream_options") or {}).get("include_usage")
    if asked or '"usage"' not in event or not event.startswith("data: {"):
        return event
    content = _parsed(event.removeprefix("data: "))
    if not isinstance(content, dict) or "choices" not in content or "usage" not in content:
        return event
    if not content["choices"]:
        return None
    del content["usage"]
    return "data: " + json.dumps(content, separators=(",", ":"), ensure_ascii=False)


def _complete(path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for what another caller of the recording may want: usage, and vectors as numbers."""
    sent = dict(body)
    if path == "/embeddings":
        sent["encoding_format"] = "float"
    if body.get("stream") and path in ("/chat/completions", "/completions"):
        sent["stream_options"] = {**(body.get("stream_options") or {}), "include_usage": True}
    return sent


def _with_numbers(path: str, content: Any) -> Any:
    """Write vectors as numbers where a provider sent base64 although it was asked for them."""
    if path != "/embeddings" or not isinstance(content, dict):
        return content
    data = content.get("data")
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        return content
    numbers = [{**item, "embedding": _numbers(item.get("embedding"))} for item in data]
    return {**content, "data": numbers}


def _numbers(vector: Any) -> Any:
    if not isinstance(vector, str):
        return vector
    try:
        packed = base64.b64decode(vector, validate=True)
        return list(struct.unpack(f"<{len(packed) // 4}f", packed))
    except (ValueError, struct.error):
        return vector  # neither, and not ours to mend


async def _events(
    response: httpx.Response, provider: Provider, chunks: list[list[Any]], began: float
) -> AsyncIterator[str]:
    """Yield each server-sent event, without the blank line after it, and note its delay.

    The first one's is counted from when the request was sent.
    """
    import httpx

    last, lines = began, []
    try:
        async for line in response.aiter_lines():
            if line:
                lines.append(line)
                continue
            now = time.monotonic()
            if lines:
                event = "\n".join(lines)
                chunks.append([round((now - last) * 1000), event])
                yield event
            last, lines = now, []
    except httpx.HTTPError as error:
        raise _unreachable(provider, error) from error
    finally:
        await response.aclose()


def _provenance(
    provider: Provider, response: httpx.Response, answer: Mapping[str, Any]
) -> dict[str, Any]:
    note = response.headers.get(NOTE)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "model": response.headers.get(ANSWERED_BY) or _model(answer),
        "provider": provider.name,
        "versions": {"python": platform.python_version(), **_versions()},
        **({"note": note} if note else {}),
    }


def _versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in PACKAGES}


def _model(answer: Mapping[str, Any]) -> str:
    contents = [answer.get("body")]
    contents += [_parsed(event.removeprefix("data: ")) for _, event in answer.get("chunks", [])]
    named = (item.get("model") for item in contents if isinstance(item, dict))
    return next((name for name in named if isinstance(name, str)), "not named")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _unreachable(provider: Provider, error: Exception) -> Unreachable:
    return Unreachable(
        f"The provider {provider.name} at {provider.base_url} gave no answer "
        f"({type(error).__name__}). Check the address and the network, then run the cell again."
    )
