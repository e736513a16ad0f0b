"""Which runs lack a key of metadata: the sets of keys that runs have, of which there are few.

Runs of one program have the same keys. So the question which of them lack one is first asked of the
sets, and those that lack it lead to their runs. Without this each run had to be looked at.

A run is told by a trigger to have an unknown set whenever its side tables were filled, and by
``keep`` which it is: a version of this course that knows no sets keeps that true as well.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

__all__ = ["create", "forget", "keep", "without"]

_TABLES = (
    "CREATE TABLE IF NOT EXISTS key_sets (id INTEGER PRIMARY KEY, keys TEXT NOT NULL UNIQUE)",
    """CREATE TABLE IF NOT EXISTS key_set_keys (
        key    TEXT NOT NULL,
        set_id INTEGER NOT NULL REFERENCES key_sets (id) ON DELETE CASCADE,
        PRIMARY KEY (key, set_id)
    ) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS key_set_keys_by_set ON key_set_keys (set_id)",
    """CREATE TABLE IF NOT EXISTS run_keys (
        run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
        set_id INTEGER NOT NULL             -- 0 when it is not known
    ) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS run_keys_by_set ON run_keys (set_id, run_id)",
    """CREATE TRIGGER IF NOT EXISTS settled_keys AFTER DELETE ON unsettled BEGIN
        INSERT OR REPLACE INTO run_keys SELECT id, 0 FROM runs WHERE id = old.run_id;
    END""",
)
_WITHOUT = (
    "SELECT run_id FROM run_keys WHERE set_id IN (SELECT 0 UNION ALL SELECT id FROM key_sets "
    "WHERE id NOT IN (SELECT set_id FROM key_set_keys WHERE key = ?))"
)


def create(connection: sqlite3.Connection) -> None:
    """Make the tables that are missing, within a transaction; runs in the file are unknown then."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'run_keys'").fetchone()
    for statement in _TABLES:
        connection.execute(statement)
    if not found:
        connection.execute("INSERT INTO run_keys SELECT id, 0 FROM runs")


def keep(connection: sqlite3.Connection, keys: Mapping[str, Iterable[str]]) -> None:
    """Say which keys each run has, by its id, within a transaction."""
    texts = {run_id: orjson.dumps(sorted(set(each))).decode() for run_id, each in keys.items()}
    ids = {text: _set(connection, text) for text in set(texts.values())}
    connection.executemany(
        "INSERT OR REPLACE INTO run_keys (run_id, set_id) VALUES (?, ?)",
        [(run_id, ids[text]) for run_id, text in texts.items()],
    )


def without(key: str) -> tuple[str, tuple[Any, ...]]:
    """Return a select of the ``run_id`` of each run that may lack this key."""
    return _WITHOUT, (key,)


def forget(connection: sqlite3.Connection) -> None:
    """Delete the sets that no run has, within a transaction."""
    connection.execute(
        "DELETE FROM key_sets WHERE NOT EXISTS (SELECT 1 FROM run_keys WHERE set_id = key_sets.id)"
    )


def _set(connection: sqlite3.Connection, text: str) -> int:
    found = connection.execute("SELECT id FROM key_sets WHERE keys = ?", (text,)).fetchone()
    if found:
        return int(found[0])
    made = connection.execute("INSERT INTO key_sets (keys) VALUES (?)", (text,)).lastrowid
    assert made is not None
    connection.executemany(
        "INSERT INTO key_set_keys (key, set_id) VALUES (?, ?)",
        [(key, made) for key in orjson.loads(text)],
    )
    return made
