"""Changes of runs that came before their runs: they wait in a table of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import orjson

__all__ = ["Change", "keep", "take"]

#: A checked run, and its JSON fields as text.
Change = tuple[dict[str, Any], dict[str, str]]

_AMONG = "run_id IN (SELECT value FROM json_each(?))"


def keep(connection: sqlite3.Connection, change: Change) -> None:
    """Let a change wait, within a transaction."""
    connection.execute(
        "INSERT INTO early_patches (run_id, body) VALUES (?, ?)",
        (change[0]["id"], orjson.dumps(change).decode()),
    )


def take(connection: sqlite3.Connection, ids: Iterable[str]) -> list[Change]:
    """Return the changes that waited for these runs, in their order; they wait no longer."""
    listed = (orjson.dumps(sorted(ids)).decode(),)
    sql = f"SELECT body FROM early_patches WHERE {_AMONG} ORDER BY rowid"
    found: list[Change] = [tuple(orjson.loads(row[0])) for row in connection.execute(sql, listed)]
    if found:
        connection.execute(f"DELETE FROM early_patches WHERE {_AMONG}", listed)
    return found
