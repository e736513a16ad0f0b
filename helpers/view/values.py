"""Inputs and outputs in a few lines: which parts are chosen, and how they are shortened."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from helpers.view.numbers import without_exponents

__all__ = [
    "CHAT_FIELDS",
    "as_json",
    "calls_of",
    "clip",
    "hidden_count",
    "inline",
    "message_line",
    "messages_of",
    "one_line",
    "plain",
    "settings_of",
    "spoken",
    "summary_lines",
    "written",
]

MOST = 5_000  # characters, more than any view shows of a value on one line
# What a chat request or its answer says beyond the messages; the rest of LiteLLM's payload is
# ids, times and addresses of one call.
CHAT_FIELDS = ("model", "model_parameters", "temperature", "max_tokens", "tools", "tool_choice")
SHOWN_FIELDS = {
    "messages",
    "choices",
    "role",
    "content",
    "tool_calls",
    "usage_metadata",
    *CHAT_FIELDS,
}


def summary_lines(value: Mapping[str, Any]) -> list[str]:
    """Return ``value`` in a few lines: a line a message where it holds messages."""
    messages = messages_of(value)
    if not messages:
        return [one_line(value)]
    lines = [message_line(message) for message in messages[:4]]
    if len(messages) > 4:
        lines.append(f"… {len(messages) - 4:,} more")
    return lines


def messages_of(value: Any) -> list[Mapping[str, Any]]:
    """Return the chat messages that a request or an answer holds, or an empty list."""
    if not isinstance(value, Mapping):
        return []
    if _is_message(value):
        return [value]
    found = value.get("messages")
    if found is None and isinstance(value.get("choices"), list):
        choices = [c for c in value["choices"] if isinstance(c, Mapping)]
        found = [c.get("message") or c.get("delta") for c in choices]
    if found is None and set(value) == {"output"}:
        return messages_of(value["output"])
    if isinstance(found, list) and found and all(_is_message(item) for item in found):
        return found
    return []


def _is_message(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("role"), str)


def message_line(message: Mapping[str, Any]) -> str:
    """Return ``role: content``, and the calls where the message asks for tools."""
    parts = [f"{inline(name)}({_on_one_line(args)})" for name, args in calls_of(message)]
    content = message.get("content")
    if content or not parts:
        parts.insert(0, one_line(content))
    return f"{inline(message['role'])}: " + " ".join(parts)


def _on_one_line(arguments: str) -> str:
    """Return a tool call's arguments without the line breaks that models put between them."""
    if len(arguments) > MOST:
        return inline(arguments)
    try:
        return as_json(json.loads(arguments))
    except (ValueError, RecursionError):
        return inline(arguments)


def calls_of(message: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the name and the arguments, JSON as the model wrote it, of each tool call."""
    calls = message.get("tool_calls")
    found = []
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, Mapping) else None
        if isinstance(function, Mapping):
            found.append((str(function.get("name")), str(function.get("arguments") or "")))
    return found


def spoken(message: Mapping[str, Any]) -> Any:
    """Return what a message says in full: its content and, a line each, its tool calls."""
    calls = "\n".join(f"{name}({args})" for name, args in calls_of(message))
    content = message.get("content")
    if calls:
        return f"{content}\n{calls}" if content else calls
    return content


def settings_of(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a chat request or answer says beside its messages: the model and the like."""
    inner = value["output"] if set(value) == {"output"} else value
    return {k: inner[k] for k in CHAT_FIELDS if inner.get(k) not in (None, {}, [])}


def hidden_count(value: Mapping[str, Any]) -> int:
    """Return how many fields a chat request or answer has that the view leaves out."""
    if not messages_of(value):
        return 0
    inner = value["output"] if set(value) == {"output"} else value
    return len([k for k in inner if k not in SHOWN_FIELDS])


def one_line(value: Any) -> str:
    """Return ``value`` on one line: ``term: "HTTP"`` for an object, JSON for the rest.

    It is not longer than any view shows, however large ``value`` is.
    """
    if not isinstance(value, Mapping):
        return as_json(value)
    parts, room = [], MOST
    for key, item in value.items():
        parts.append(f"{inline(str(key))}: {as_json(item)}")
        room -= len(parts[-1])
        if room < 0:
            break
    return ", ".join(parts)


def as_json(value: Any) -> str:
    """Return ``value`` as ``written`` does, in the characters of ``plain``; cut at ``MOST``."""
    return plain(without_exponents(written(value)[:MOST]))


def written(value: Any, *, indent: int | None = None) -> str:
    """Return ``value`` as JSON, whole; ``…`` where it is nested too deep."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    except (RecursionError, ValueError):
        return "…"


def plain(value: str) -> str:
    """Return ``value`` with controls and invisible formatting (bidi and the like) written out."""
    if value.isascii() and value.isprintable():
        return value
    # A lone surrogate cannot be encoded; a bidi control would reorder the line around it.
    return value.translate(
        {ord(char): f"\\u{ord(char):04x}" for char in set(value) if _invisible(char)}
    )


def _invisible(char: str) -> bool:
    hidden = unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return hidden and char not in "\n\u200d"


def inline(value: str) -> str:
    """Return ``value`` as ``plain`` does, on one line, and cut where no view shows more."""
    return plain(" ".join(value[:MOST].split()))


def clip(value: str, length: int) -> str:
    """Return ``value`` in at most ``length`` characters, the last an ellipsis if it is cut."""
    return value if len(value) <= length else value[: length - 1].rstrip() + "…"
