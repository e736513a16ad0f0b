"""What a run holds, in blocks of text: a message each of a chat, else a field each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helpers.langsmith_local.pages.records import Held
from helpers.langsmith_local.values import check_depth
from helpers.view.numbers import without_exponents
from helpers.view.values import messages_of, spoken

__all__ = ["Block", "Shown", "shown", "written"]

BLOCKS = 100
SHORT = 60  # characters
FOLDED = 3_000  # characters, or
FOLDED_LINES = 40  # lines above which a block is folded


@dataclass(frozen=True)
class Block:
    """A text with its label; ``left`` characters of it are not shown. ``said`` by a message."""

    label: str
    text: str
    left: int = 0
    said: bool = False

    @property
    def short(self) -> bool:
        """Whether it has room beside its label."""
        return not self.said and len(self.text) <= SHORT and "\n" not in self.text

    @property
    def folded(self) -> bool:
        """Whether it is too long to be read at once."""
        return len(self.text) > FOLDED or self.text.count("\n") > FOLDED_LINES


@dataclass(frozen=True)
class Shown:
    """A value's blocks; ``more`` are the fields of a chat beside its messages.

    ``left`` blocks are not shown, and of a value of ``size`` bytes that is ``cut`` the beginning.
    """

    blocks: tuple[Block, ...] = ()
    more: tuple[Block, ...] = ()
    left: int = 0
    size: int = 0
    cut: bool = False


def shown(held: Held, *, most: int) -> Shown:
    """Return a column's value, together at most ``most`` characters of it."""
    if held.cut:
        return Shown((Block("JSON", held.text or ""),), size=held.size, cut=True)
    value = held.value()
    if value in (None, {}):
        return Shown()
    room = _Room(most)
    messages = messages_of(value)
    if not messages:
        pairs = list(value.items()) if isinstance(value, Mapping) else [("", value)]
        fields = [room.block(key, written(item)) for key, item in pairs[:BLOCKS]]
        return Shown(tuple(fields), left=len(pairs) - len(fields))
    told = [
        room.block(str(message["role"]), _text(spoken(message)), said=True)
        for message in messages[:BLOCKS]
    ]
    more = [room.block(key, written(item)) for key, item in _beside(value)]
    return Shown(tuple(told), tuple(more), left=len(messages) - len(told))


def written(value: Any) -> str:
    """Return a text as it is, and anything else as JSON on lines of its own."""
    if isinstance(value, str):
        return value
    try:
        check_depth(json.dumps(value).encode())
    except (RecursionError, ValueError):  # of an older version, which took what is deeper
        return "…"
    return without_exponents(json.dumps(value, ensure_ascii=False, indent=2))


def _text(value: Any) -> str:
    """Return what a message says: parts of text as such, anything else as JSON."""
    if value is None:
        return ""
    if isinstance(value, list) and value and all(_is_text(part) for part in value):
        return "\n".join(part["text"] for part in value)
    return written(value)


def _is_text(part: Any) -> bool:
    if not isinstance(part, Mapping) or part.get("type") != "text":
        return False
    return isinstance(part.get("text"), str)


def _beside(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a chat request, or of its answer, that are not its messages."""
    inner = value["output"] if set(value) == {"output"} else value
    spoken_of = {"messages"} if "messages" in inner else {"role", "content", "tool_calls"}
    for key, item in list(inner.items())[:BLOCKS]:
        if key not in spoken_of and item not in (None, {}, [], ""):
            yield key, item


class _Room:
    """How many characters may still be shown."""

    def __init__(self, left: int) -> None:
        self._left = left

    def block(self, label: str, text: str, *, said: bool = False) -> Block:
        fits = text[: self._left]
        self._left -= len(fits)
        return Block(label, fits, len(text) - len(fits), said)
