"""Values from a path or a query string; what is wrong with one is a 422 that names it."""

from __future__ import annotations

from helpers.langsmith_local.errors import Refusal

__all__ = ["whole_number"]


def whole_number(text: str | None, name: str, *, least: int, most: int, default: int) -> int:
    """Return a number from the query string; 422 when it is none or out of bounds."""
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise Refusal(422, f"{name}: must be a whole number from {least} to {most}")
    return int(text)
