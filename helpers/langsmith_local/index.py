"""The keys and values that the filter language compares.

LangSmith looks at the first 100 keys of a side and the first 250 characters of a value
(langchain-ai/docs, ``src/langsmith/filter-traces-in-application.mdx``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import orjson

__all__ = ["MAX_KEYS", "MAX_LENGTH", "pairs", "settle"]

MAX_KEYS = 100
MAX_LENGTH = 250


def pairs(value: Any) -> list[tuple[str, str]]:
    """Return (key, value) for each leaf of a JSON object, at most ``MAX_KEYS``.

    Nested keys are joined by "."; list items count from 0. Strings stay bare, the rest is JSON.
    """
    found: list[tuple[str, str]] = []
    for key, leaf in _leaves(value, ""):
        text = leaf if isinstance(leaf, str) else orjson.dumps(leaf).decode()
        found.append((key, text[:MAX_LENGTH]))
        if len(found) == MAX_KEYS:
            break
    return found


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    # A stack in place of recursion: the depth of what is sent is the sender's choice.
    stack = [(path, value)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict) and value:
            children = [(f"{path}.{key}" if path else key, item) for key, item in value.items()]
        elif isinstance(value, list) and value:
            children = [(f"{path}.{i}" if path else str(i), item) for i, item in enumerate(value)]
        else:
            if path:
                yield path, value
            continue
        stack.extend(reversed(children))


def settle(connection: sqlite3.Connection, *, limit: int) -> None:
    """Fill the side tables of up to ``limit`` runs that wait for it, within a transaction."""
    runs = connection.execute(
        "SELECT id, tags, metadata, inputs, outputs FROM runs "
        "WHERE id IN (SELECT run_id FROM unsettled LIMIT ?)",
        (limit,),
    ).fetchall()
    ids = [(run["id"],) for run in runs]
    for table in ("run_tags", "run_metadata", "run_values"):
        connection.executemany(f"DELETE FROM {table} WHERE run_id = ?", ids)
    connection.executemany(
        "INSERT OR IGNORE INTO run_tags (run_id, tag) VALUES (?, ?)",
        [(run["id"], tag) for run in runs for tag in _loads(run["tags"]) or ()],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO run_metadata (run_id, key, value) VALUES (?, ?, ?)",
        [(run["id"], *pair) for run in runs for pair in pairs(_loads(run["metadata"]))],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO run_values (run_id, side, key, value) VALUES (?, ?, ?, ?)",
        [
            (run["id"], side, *pair)
            for run in runs
            for side, column in (("input", "inputs"), ("output", "outputs"))
            for pair in pairs(_loads(run[column]))
        ],
    )
    connection.executemany("DELETE FROM unsettled WHERE run_id = ?", ids)


def _loads(text: str | None) -> Any:
    return orjson.loads(text) if text else None
