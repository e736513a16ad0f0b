"""Read the parts of a query, and say which one is wrong.

Each function takes the request's fields and a name; a field that is missing or null is None (or
an empty list), one of the wrong kind raises ``QueryError``.
"""

from __future__ import annotations

import uuid
from typing import Any

from helpers.langsmith_local.query import QueryError
from helpers.langsmith_local.times import microseconds

__all__ = ["flag", "one_of", "size", "text", "uuids", "when"]

Given = dict[str, Any]


def uuids(given: Given, name: str) -> list[str]:
    """Return one UUID or a list of them, as texts in lower case."""
    value = given.get(name)
    if value is None:
        return []
    try:
        return [str(uuid.UUID(one)) for one in ([value] if isinstance(value, str) else value)]
    except (ValueError, TypeError, AttributeError):
        raise QueryError(f"{name} takes UUIDs; {value!r} is not.", field=name, status=422) from None


def one_of(given: Given, name: str, known: tuple[str, ...]) -> str | None:
    """Return one of the known words."""
    value = given.get(name)
    if value is not None and value not in known:
        raise QueryError(f"{name} takes {', '.join(known)}; not {value!r}.", field=name)
    return value


def flag(given: Given, name: str) -> bool | None:
    """Return true or false; 1 and 0 stand for them, as in the SDK's own examples."""
    value = given.get(name)
    if value is None:
        return None
    if value not in (0, 1):
        raise QueryError(f"{name} is true or false; not {value!r}.", field=name)
    return bool(value)


def text(given: Given, name: str) -> str | None:
    """Return a text; an empty one is none."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise QueryError(f"{name} is a text; not {value!r}.", field=name)
    return value or None


def when(given: Given, name: str) -> int | None:
    """Return a time in microseconds since 1970."""
    value = given.get(name)
    try:
        return None if value is None else microseconds(value)
    except ValueError:
        raise QueryError(f"{name} is an ISO time; not {value!r}.", field=name) from None


def size(given: Given, name: str, *, default: int, most: int) -> int:
    """Return the size of a page, from 1 to ``most``."""
    value = given.get(name)
    if value is None:
        return default
    try:
        if isinstance(value, (bool, float)) or not 1 <= int(value) <= most:
            raise ValueError
    except (ValueError, TypeError):
        raise QueryError(
            f"{name} is a whole number from 1 to {most}; not {value!r}. "
            "The next page comes by its cursor.",
            field=name,
        ) from None
    return int(value)
