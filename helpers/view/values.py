"""Inputs and outputs in a few lines: which parts are chosen, and how they are shortened."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

__all__ = [
    "CHAT_FIELDS",
    "as_json",
    "calls_of",
    "clip",
    "hidden_count",
    "message_line",
    "messages_of",
    "one_line",
    "plain",
    "spoken",
    "summary_lines",
]

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
    parts = [f"{plain(name)}({_on_one_line(args)})" for name, args in calls_of(message)]
    content = message.get("content")
    if content or not parts:
        parts.insert(0, one_line(content))
    return f"{plain(message['role'])}: " + " ".join(parts)


def _on_one_line(arguments: str) -> str:
    """Return a tool call's arguments without the line breaks that models put between them."""
    try:
        return as_json(json.loads(arguments))
    except (ValueError, RecursionError):
        return plain(" ".join(arguments.split()))


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


def hidden_count(value: Mapping[str, Any]) -> int:
    """Return how many fields a chat request or answer has that the view leaves out."""
    if not messages_of(value):
        return 0
    inner = value["output"] if set(value) == {"output"} else value
    return len([k for k in inner if k not in SHOWN_FIELDS])


def one_line(value: Any) -> str:
    """Return ``value`` on one line: ``term: "HTTP"`` for an object, JSON for the rest."""
    if isinstance(value, Mapping):
        return ", ".join(f"{plain(str(k))}: {as_json(v)}" for k, v in value.items())
    return as_json(value)


def as_json(value: Any, *, indent: int | None = None) -> str:
    """Return ``value`` as JSON, without controls; ``…`` where it is nested too deep."""
    try:
        return plain(json.dumps(value, ensure_ascii=False, indent=indent, default=str))
    except (RecursionError, ValueError):
        return "…"


def plain(value: str) -> str:
    """Return ``value`` with controls and invisible formatting (bidi and the like) written out."""
    if value.isascii() and value.isprintable():
        return value
    return "".join(map(_visible, value))


def _visible(char: str) -> str:
    # A lone surrogate cannot be encoded; a bidi control would reorder the line around it.
    if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char not in "\n\u200d":
        return f"\\u{ord(char):04x}"
    return char


def clip(value: str, length: int) -> str:
    """Return ``value`` in at most ``length`` characters, the last an ellipsis if it is cut."""
    return value if len(value) <= length else value[: length - 1].rstrip() + "…"
