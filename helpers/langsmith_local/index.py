"""The keys and values that the filter language compares.

LangSmith looks at the first 100 keys of a side and the first 250 characters of a value
(langchain-ai/docs, ``src/langsmith/filter-traces-in-application.mdx``).
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from typing import Any

import orjson

from helpers.langsmith_local import keysets

__all__ = ["MAX_KEYS", "MAX_LENGTH", "pairs", "settle"]

MAX_KEYS = 100
MAX_LENGTH = 250
# These two are ours: no client of LangSmith can reach them.
MAX_PATH = 1_000
MAX_STEPS = 20_000

PORTION = 50
_WAITING = "SELECT id, tags, metadata, inputs, outputs FROM runs WHERE id = ?"


def pairs(value: Any) -> list[tuple[str, str]]:
    """Return (key, value) for each leaf of a JSON object, at most ``MAX_KEYS``.

    Nested keys are joined by "."; list items count from 0. Strings stay bare, the rest is JSON.
    What takes more than ``MAX_STEPS`` steps to reach is left out.
    """
    found: list[tuple[str, str]] = []
    for key, leaf in itertools.islice(_leaves(value), MAX_KEYS):
        text = leaf if isinstance(leaf, str) else orjson.dumps(leaf).decode()
        found.append((key, text[:MAX_LENGTH]))
    return found


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    # A stack in place of recursion, and of iterators in place of items: how deep and how long a
    # value is, is the sender's choice.
    stack = [_children(value, "")]
    for _ in range(MAX_STEPS):
        if not stack:
            return
        path, item = next(stack[-1], (None, None))
        if path is None:
            stack.pop()
        elif isinstance(item, (dict, list)) and item:
            stack.append(_children(item, f"{path}."))
        else:
            yield path, item


def _children(value: Any, above: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        return ((f"{above}{key}"[:MAX_PATH], item) for key, item in value.items())
    if isinstance(value, list):
        return ((f"{above}{at}"[:MAX_PATH], item) for at, item in enumerate(value))
    return iter(())


def settle(connection: sqlite3.Connection, *, limit: int) -> None:
    """Fill the side tables of up to ``limit`` runs that wait for it, within a transaction."""
    waiting = connection.execute("SELECT run_id FROM unsettled LIMIT ?", (limit,)).fetchall()
    for first in range(0, len(waiting), PORTION):
        _settle(connection, [(row[0],) for row in waiting[first : first + PORTION]])


def _settle(connection: sqlite3.Connection, ids: list[tuple[str]]) -> None:
    tags: list[tuple[str, str]] = []
    metadata: list[tuple[str, ...]] = []
    values: list[tuple[str, ...]] = []
    keys: dict[str, list[str]] = {}
    for one in ids:
        # A whole run at a time: a few large ones would fill the memory.
        run = connection.execute(_WAITING, one).fetchone()
        if run is None:
            continue
        tags += [(run["id"], tag) for tag in _loads(run["tags"]) or ()]
        found = pairs(_loads(run["metadata"]))
        metadata += [(run["id"], *pair) for pair in found]
        keys[run["id"]] = [key for key, _ in found]
        for side, column in (("input", "inputs"), ("output", "outputs")):
            values += [(run["id"], side, *pair) for pair in pairs(_loads(run[column]))]
    many = connection.executemany
    for table in ("run_tags", "run_metadata", "run_values"):
        many(f"DELETE FROM {table} WHERE run_id = ?", ids)
    many("INSERT OR IGNORE INTO run_tags (run_id, tag) VALUES (?, ?)", tags)
    many("INSERT OR IGNORE INTO run_metadata (run_id, key, value) VALUES (?, ?, ?)", metadata)
    many("INSERT OR IGNORE INTO run_values (run_id, side, key, value) VALUES (?, ?, ?, ?)", values)
    many("DELETE FROM unsettled WHERE run_id = ?", ids)
    keysets.keep(connection, keys)


def _loads(text: str | None) -> Any:
    return orjson.loads(text) if text else None
