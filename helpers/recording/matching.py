"""Which recording answers a request: the fields that decide, and what differs."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from helpers.recording.records import Recording

__all__ = ["alike", "deciding", "key", "nearest", "prompt"]

_COMPARED = 2_000  # characters of a prompt: finding the nearest of a long one would take minutes

# What a caller may vary without changing the answer. encoding_format changes its notation only.
_IGNORED = frozenset(
    ("stream_options", "user", "metadata", "store", "encoding_format", "safety_identifier")
    + ("prompt_cache_key", "prompt_cache_retention", "service_tier", "timeout")
    + ("extra_body", "extra_headers", "extra_query")
)

# What differs between two times that the same was answered.
_PASSING = frozenset(("id", "created", "created_at", "system_fingerprint"))


def deciding(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request that decide its answer, in one notation for all clients.

    Clients differ in nulls, in ``0`` and ``0.0``, in text as a string or as a list of one part,
    in ``max_tokens`` and its newer name, and in an input or a prompt as a string or a list of one.
    """
    kept = {name: _plain(body[name]) for name in body if name not in _IGNORED}
    kept = {name: value for name, value in kept.items() if value is not None}
    if not kept.get("stream", True):
        del kept["stream"]
    if "max_completion_tokens" in kept:
        kept.setdefault("max_tokens", kept["max_completion_tokens"])
        del kept["max_completion_tokens"]
    if isinstance(kept.get("messages"), list):
        kept["messages"] = [_message(message) for message in kept["messages"]]
    for name in ("input", "prompt"):
        match kept.get(name):
            case [str(text)]:
                kept[name] = text
    return kept


def key(path: str, body: Mapping[str, Any]) -> str:
    """Return the sha256, in hex, by which a request finds its recording."""
    text = json.dumps([path, deciding(body)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def nearest(
    recordings: Mapping[str, Recording], path: str, body: Mapping[str, Any]
) -> tuple[Recording, list[str]] | None:
    """Return the recording of the same route closest to a request, and where the two differ."""
    wanted = deciding(body)
    text = prompt(wanted)[:_COMPARED]

    def distance(recording: Recording) -> tuple[float, int, str]:
        other = prompt(recording.request)[:_COMPARED]
        alike = difflib.SequenceMatcher(None, text, other).ratio()
        differing = _differences(wanted, recording.request)
        return -round(alike, 2), len(differing), recording.name

    best = min((one for one in recordings.values() if one.path == path), key=distance, default=None)
    return (best, _differences(wanted, best.request)) if best else None


def alike(one: Any, other: Any) -> bool:
    """Whether two answers say the same: all but ids and the time is equal."""
    return bool(_lasting(one) == _lasting(other))


def prompt(body: Mapping[str, Any]) -> str:
    """Return the text that a request is about: the last user message, or the input."""
    messages = body.get("messages")
    if isinstance(messages, list) and messages:
        users = [m for m in messages if isinstance(m, dict) and m.get("role") == "user"]
        content = _message((users or messages)[-1])
        return _text(content.get("content") if isinstance(content, dict) else content)
    return _text(body.get("input", body.get("prompt", "")))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _lasting(value: Any) -> Any:
    match value:
        case dict():
            return {name: _lasting(item) for name, item in value.items() if name not in _PASSING}
        case list():
            return [_lasting(item) for item in value]
    return value


def _plain(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case list():
            return [_plain(item) for item in value]
    return value


def _message(message: Any) -> Any:
    if not isinstance(message, dict):
        return message
    kept = {name: item for name, item in message.items() if item is not None and item != []}
    match kept.get("content"):
        case [{"type": "text", "text": str(text), **rest}] if not rest:
            kept["content"] = text
    return kept


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    found = []
    for name in sorted(one.keys() | other.keys()):
        ours, theirs = one.get(name), other.get(name)
        if ours == theirs:
            continue
        if not (isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs)):
            found.append(name)
            continue
        found += [f"{name}[{i}]" for i in range(len(ours)) if ours[i] != theirs[i]]
    return found
