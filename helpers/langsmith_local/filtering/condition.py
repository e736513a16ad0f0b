"""Conditions on runs: SQL with its parameters, and where to begin looking."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

__all__ = ["Condition", "Narrowing", "among", "equal", "joined", "members"]

#: A select of ``run_id`` and its parameters.
Narrowing = tuple[str, tuple[Any, ...]]


@dataclasses.dataclass(frozen=True)
class Condition:
    """A SQL condition on a run, with its parameters.

    ``narrowing`` holds selects of ``run_id``, each with its parameters, of which every one
    contains all matching runs: where one of them is short, it is the place to begin.
    """

    sql: str
    params: tuple[Any, ...] = ()
    narrowing: tuple[Narrowing, ...] = ()


def equal(column: str, value: Any, *, op: str = "=") -> Condition:
    """Return the condition that a column of ``runs`` compares so with a value."""
    return Condition(f"r.{column} {op} ?", (value,))


def members(column: str, values: Iterable[str]) -> Condition:
    """Return the condition that an indexed column of ``runs`` holds one of the values."""
    params = (json.dumps(list(values)),)
    listed = "(SELECT value FROM json_each(?))"
    return Condition(
        f"r.{column} IN {listed}",
        params,
        ((f"SELECT id AS run_id FROM runs WHERE {column} IN {listed}", params),),
    )


def among(column: str, values: Iterable[str]) -> Condition:
    """Return the condition that a column without an index of its own holds one of the values."""
    # One parameter for them all: SQLite takes 32,766.
    params = (json.dumps(list(values)),)
    return Condition(f"r.{column} IN (SELECT value FROM json_each(?))", params)


def joined(parts: list[Condition], by: str, narrowing: tuple[Narrowing, ...]) -> Condition:
    """Return conditions joined by ``" AND "`` or ``" OR "``."""
    # What only looks at the run's own columns comes first: the cheap test spares the dear one.
    ordered = sorted(parts, key=lambda part: "SELECT" in part.sql)
    return Condition(
        "(" + by.join(part.sql for part in ordered) + ")",
        tuple(one for part in ordered for one in part.params),
        narrowing,
    )
