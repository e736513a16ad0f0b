"""Values from a path, a query string or a body; what is wrong with one is a 422 that names it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from helpers.langsmith_local.errors import Refusal

__all__ = ["checked", "truth", "whole_number"]

T = TypeVar("T")

MOST_DIGITS = 40
# As LangSmith's framework (FastAPI, by pydantic) reads them from a query string.
_TRUTHS = {
    **dict.fromkeys(("true", "1", "yes", "on", "t", "y"), True),
    **dict.fromkeys(("false", "0", "no", "off", "f", "n"), False),
}


def checked(value: Any, name: str, check: Callable[[Any], T]) -> T | None:
    """Return what ``check`` makes of a value, and None of None; its ``ValueError`` is the 422."""
    try:
        return None if value is None else check(value)
    except ValueError as error:
        raise Refusal(422, f"{name}: {error}") from None


def whole_number(text: str | None, name: str, *, least: int, most: int, default: int) -> int:
    """Return a number from the query string; 422 when it is none or out of bounds."""
    if not text:
        return default
    # Python reads no number of more than 4,300 digits.
    readable = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    if not readable or not least <= int(text) <= most:
        raise Refusal(422, f"{name}: must be a whole number from {least} to {most}")
    return int(text)


def truth(text: str | None, name: str) -> bool | None:
    """Return true or false from the query string, None where nothing is given; 422 for the rest."""
    if not text:
        return None
    if text.lower() not in _TRUTHS:
        raise Refusal(422, f"{name}: must be true or false")
    return _TRUTHS[text.lower()]
