"""What a value must be to be stored and given back: JSON that is not too deep, names, numbers.

What is wrong is a ``ValueError`` that says what was expected; who knows the field names it.
"""

from __future__ import annotations

import math
import re
import reprlib
from typing import Any

import orjson

from helpers.serving.bounds import (
    GREATEST_INTEGER,
    GREATEST_NUMBER,
    JSON_DEPTH,
    NAME_CHARACTERS,
)

__all__ = ["check_depth", "check_name", "json_text", "number", "told", "whole"]

_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACES = bytes.maketrans(b"{}", b"[]")
_REST = bytes(byte for byte in range(256) if byte not in b"[]{}")
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother, _SHORT.maxlong = 3, 80, 80, 40


def json_text(value: Any) -> str:
    """Return JSON for a value as it was read; ``ValueError`` when it is too deep."""
    try:
        text = orjson.dumps(value)
    except TypeError:  # orjson writes 254 levels, and reads 1024
        raise ValueError(_TOO_DEEP) from None
    check_depth(text)
    return text.decode()


def check_depth(text: bytes) -> None:
    """Raise ``ValueError`` for JSON that nests deeper than ``JSON_DEPTH``."""
    if len(text) <= JSON_DEPTH or text.count(b"[") + text.count(b"{") <= JSON_DEPTH:
        return
    brackets = _TEXT.sub(b"", text).translate(_BRACES, _REST)
    # Each step takes away what holds nothing, so there are as many as there are levels.
    for _ in range(JSON_DEPTH):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return
    raise ValueError(_TOO_DEEP)


def check_name(value: object) -> str:
    """Return a name: a text that is not too long and holds no NUL."""
    if not isinstance(value, str):
        raise ValueError("must be string")
    if len(value) > NAME_CHARACTERS:
        raise ValueError(f"must have at most {NAME_CHARACTERS} characters; it has {len(value)}")
    if "\0" in value:
        raise ValueError("must not hold the character NUL")
    return value


def number(value: float) -> float:
    """Return a number that sums stay exact with: finite, at most ``GREATEST_NUMBER`` in size."""
    if not math.isfinite(value) or abs(value) > GREATEST_NUMBER:
        raise ValueError(f"must be a number from -{GREATEST_NUMBER} to {GREATEST_NUMBER}")
    return value


def whole(value: object) -> int:
    """Return a whole number that fits in 64 bits."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("must be integer")
    if abs(value) > GREATEST_INTEGER:
        raise ValueError(f"must be integer from -{GREATEST_INTEGER} to {GREATEST_INTEGER}")
    return value


def told(value: object) -> str:
    """Return a value as a message shows it, short whatever it is."""
    return _SHORT.repr(value)


_TOO_DEEP = f"must not nest deeper than {JSON_DEPTH} levels"
