"""Read the parts of a query, and say which one is wrong.

Each function takes the request's fields and a name; a field that is missing or null is None (or
an empty list), one of the wrong kind raises ``QueryError``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.filtering.compile import compile_filter
from helpers.langsmith_local.filtering.condition import Condition, equal
from helpers.langsmith_local.ids import uuid_text
from helpers.langsmith_local.reading.query import QueryError
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import microseconds, now
from helpers.langsmith_local.values import told
from helpers.serving.bounds import LISTED

__all__ = [
    *("filters", "flag", "one_of", "projects", "selects", "served", "size", "text", "uuids"),
    *("when", "window"),
]

T = TypeVar("T", int, str)

MOST_COMPARED = 80  # characters of a wrong word, to find the right one
DAY = 86_400_000_000  # microseconds
NOT_SERVED = (
    *("ai_query", "ai_search", "sem_filter", "thread_filter", "reference_dataset_id"),
    *("min_feedback_modified_at", "max_feedback_modified_at"),
)

Given = dict[str, Any]


def uuids(given: Given, name: str) -> list[str]:
    """Return one UUID or a list of them, as texts in lower case."""
    value = given.get(name)
    if value is None:
        return []
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list):
        raise QueryError(f"{name} takes UUIDs; not {told(value)}.", field=name, status=422)
    if len(listed) > LISTED:
        raise QueryError(
            f"{name} takes at most {LISTED} UUIDs; not {len(listed)}.", field=name, status=422
        )
    return [_uuid(one, name) for one in listed]


def _uuid(value: Any, name: str) -> str:
    try:
        return uuid_text(value)
    except ValueError:
        raise QueryError(
            f"{name} takes UUIDs; {told(value)} is not.", field=name, status=422
        ) from None


def one_of(given: Given, name: str, known: tuple[T, ...]) -> T | None:
    """Return one of the known values."""
    value = given.get(name)
    if value is not None and (isinstance(value, bool) or value not in known):
        listed = ", ".join(map(str, known))
        given_text = value[:MOST_COMPARED] if isinstance(value, str) else ""
        near = difflib.get_close_matches(given_text, map(str, known), n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise QueryError(f"{name} takes {listed}; not {told(value)}.{hint}", field=name)
    return value


def flag(given: Given, name: str) -> bool | None:
    """Return true or false; 1 and 0 stand for them, as in the SDK's own examples."""
    value = given.get(name)
    if value is None:
        return None
    if value not in (0, 1):
        raise QueryError(f"{name} is true or false; not {told(value)}.", field=name)
    return bool(value)


def text(given: Given, name: str) -> str | None:
    """Return a text; an empty one is none."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise QueryError(f"{name} is a text; not {told(value)}.", field=name)
    return value or None


def when(given: Given, name: str) -> int | None:
    """Return a time in microseconds since 1970."""
    value = given.get(name)
    try:
        return None if value is None else microseconds(value)
    except ValueError as error:
        raise QueryError(f"{name}: {error}; not {told(value)}.", field=name) from None


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
            f"{name} is a whole number from 1 to {most}; not {told(value)}. "
            "The next page comes by its cursor.",
            field=name,
        ) from None
    return int(value)


def selects(given: Given, known: Iterable[str]) -> list[str]:
    """Return the selected fields, each of which must be known."""
    chosen = given.get("selects") or []
    names = tuple(known)
    if not isinstance(chosen, list):
        raise QueryError("selects is a list of field names.", field="selects")
    for name in chosen:
        one_of({"selects": name}, "selects", names)
    return list(dict.fromkeys(chosen))


def projects(store: Store, given: Given, name: str) -> tuple[str, ...]:
    """Return project ids; raise ``Refusal`` when there is none, or no such project."""
    ids = tuple(dict.fromkeys(uuids(given, name)))
    if not ids:
        raise Refusal(400, f"{name} is required; a project's name is not taken in its place.")
    for project_id in ids:
        found = store.project(project_id)
        if found is None or found["id"] != project_id:
            raise Refusal(404, f"session not found: {project_id}")
    return ids


def window(given: Given, *, past: int | None = DAY) -> list[Condition]:
    """Return the bounds of the start time; the lower one is a day ago where none is given."""
    low = when(given, "min_start_time")
    high = when(given, "max_start_time")
    if low is None and past is not None:
        low = now() - past
    found = [equal("start_time", low, op=">=")] if low is not None else []
    return found + ([equal("start_time", high, op="<=")] if high is not None else [])


def filters(given: Given, *names: str) -> list[Condition]:
    """Return the conditions of the filters that are given under these names."""
    return [compile_filter(one) for name in names if (one := text(given, name))]


def served(given: Given) -> None:
    """Raise ``Refusal`` (501) for a field that LangSmith has and this service has not."""
    for name in NOT_SERVED:
        if given.get(name):
            raise Refusal(501, f"The local LangSmith does not serve {name}.")
