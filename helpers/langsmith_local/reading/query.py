"""Find runs: conditions, order, pages.

A page is found in two steps. First the keys ``(start_time, id)`` of the matching runs: where one
part of the condition matches few runs, or some parts do together, these are looked up and the rest
is tested on them; where none does, the covering index ``runs_scan`` is walked in order of time
until the page is full. Then the rows behind the keys are fetched.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from helpers.errors import TutorialError
from helpers.langsmith_local.filtering.compile import compile_filter
from helpers.langsmith_local.filtering.condition import Condition, Narrowing, members
from helpers.langsmith_local.filtering.search import contains
from helpers.langsmith_local.reading.portion import portion
from helpers.langsmith_local.values import whole

__all__ = ["Page", "QueryError", "Selection", "decode", "encode", "page", "select"]
__all__ += ["walk"]

FEW = 3_000  # runs that are quicker looked up one by one than found on a walk through time
COMMON = 3  # lists of which it is tried what they have in common
CACHE_KIB = 40_960  # of each of the READERS


class QueryError(TutorialError):
    """A query that asks for what cannot be; ``field`` is the part at fault."""

    def __init__(self, message: str, *, field: str, status: int = 400) -> None:
        super().__init__(message)
        self.field = field
        self.status = status


@dataclasses.dataclass(frozen=True)
class Selection:
    """Which runs, in which order of start time.

    Conditions are on the alias ``r``. ``trace_filter`` and ``tree_filter`` are filter
    expressions: for the root of a run's trace, and for any run of it. No projects means all.
    """

    projects: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    trace_filter: str | None = None
    tree_filter: str | None = None
    descending: bool = True


@dataclasses.dataclass(frozen=True)
class Page:
    """Rows of ``runs`` in order, and the cursor of the page that follows, if there is one."""

    rows: list[sqlite3.Row]
    next: str | None


def page(
    connection: sqlite3.Connection, selection: Selection, *, limit: int, cursor: str | None = None
) -> Page:
    """Return up to ``limit`` runs after ``cursor``; raise ``QueryError`` for a bad cursor.

    There are fewer where they would have more than ``PAGE_BYTES``.
    """
    prepare(connection)
    after = decode(cursor) if cursor else None
    where = (*selection.where, *_of_traces(connection, selection))
    keys: list[tuple[int, str]] = []
    for project in selection.projects or (None,):
        keys += _keys(connection, project, where, selection.descending, limit + 1, after)
    keys.sort(reverse=selection.descending)
    rows, read = portion(connection, [run_id for _, run_id in keys[:limit]])
    return Page(rows, encode(keys[read - 1]) if len(keys) > read else None)


def select(
    connection: sqlite3.Connection, selection: Selection, columns: str, *, limit: int = -1
) -> list[sqlite3.Row]:
    """Return the given columns (of ``r``) of the runs of a selection, in order of start time.

    All of them, or in each project the first ``limit``.
    """
    return list(walk(connection, selection, columns, limit=limit))


def walk(
    connection: sqlite3.Connection, selection: Selection, columns: str, *, limit: int = -1
) -> Iterator[sqlite3.Row]:
    """Yield what ``select`` returns, each row as it is found, so that they need no memory."""
    prepare(connection)
    where = (*selection.where, *_of_traces(connection, selection))
    for project in selection.projects or (None,):
        yield from _found(connection, project, where, columns, selection.descending, limit, None)


def prepare(connection: sqlite3.Connection) -> None:
    """Give a connection the function ``contains`` of full text search, and room for indexes."""
    connection.create_function("contains", -1, contains, deterministic=True)
    # Room for the index of 100,000 runs (26 MB) and one beside it: a walk over what is not there
    # takes twice as long. It is a limit, and stays unused by a small database.
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")


def _of_traces(connection: sqlite3.Connection, selection: Selection) -> list[Condition]:
    """Return the conditions that the trace and tree filters put on a run."""
    found = []
    if selection.trace_filter:
        inner = compile_filter(selection.trace_filter, run="t")
        outer = compile_filter(selection.trace_filter, run="r")
        roots = dataclasses.replace(outer, sql=f"r.is_root = 1 AND {outer.sql}")
        correlated = f"EXISTS (SELECT 1 FROM runs t WHERE t.id = r.trace_id AND {inner.sql})"
        found.append(_traces(connection, selection, roots, correlated, inner.params))
    if selection.tree_filter:
        inner = compile_filter(selection.tree_filter, run="t")
        outer = compile_filter(selection.tree_filter, run="r")
        correlated = f"EXISTS (SELECT 1 FROM runs t WHERE t.trace_id = r.trace_id AND {inner.sql})"
        found.append(_traces(connection, selection, outer, correlated, inner.params))
    return found


def _traces(
    connection: sqlite3.Connection,
    selection: Selection,
    condition: Condition,
    correlated: str,
    params: tuple[Any, ...],
) -> Condition:
    """Return a condition on ``r.trace_id``: a list of few traces, else a test run by run."""
    traces: set[str] = set()
    for project in selection.projects or (None,):
        rows = _run(connection, project, (condition,), "r.trace_id", True, FEW + 1, None)
        traces.update(row[0] for row in rows)
        if len(rows) > FEW:
            return Condition(correlated, params)
    return members("trace_id", sorted(traces))


def _keys(
    connection: sqlite3.Connection,
    project: str | None,
    where: Sequence[Condition],
    descending: bool,
    limit: int,
    after: tuple[int, str] | None,
) -> list[tuple[int, str]]:
    rows = _run(connection, project, where, "r.start_time, r.id", descending, limit, after)
    return [(row[0], row[1]) for row in rows]


def _run(*asked: Any) -> list[sqlite3.Row]:
    return _found(*asked).fetchall()


def _found(
    connection: sqlite3.Connection,
    project: str | None,
    where: Sequence[Condition],
    columns: str,
    descending: bool,
    limit: int,
    after: tuple[int, str] | None,
) -> sqlite3.Cursor:
    source, params = _source(connection, project, where)
    clauses = []
    if project is not None:
        clauses.append("r.project_id = ?")
        params.append(project)
    if after is not None:
        clauses.append(f"(r.start_time, r.id) {'<' if descending else '>'} (?, ?)")
        params += after
    for condition in sorted(where, key=lambda condition: "SELECT" in condition.sql):
        clauses.append(condition.sql)
        params += condition.params
    order = "DESC" if descending else "ASC"
    sql = (
        f"SELECT {columns} FROM {source} WHERE {' AND '.join(clauses) or '1'} "
        f"ORDER BY r.start_time {order}, r.id {order} LIMIT ?"
    )
    return connection.execute(sql, [*params, limit])


def _source(
    connection: sqlite3.Connection, project: str | None, where: Sequence[Condition]
) -> tuple[str, list[Any]]:
    """Choose where to begin: with the shortest list of runs, or with the walk through time."""
    listed = [one for condition in where for one in condition.narrowing]
    best = _shortest(connection, listed)
    if best is None and len(listed) > 1:
        best = _common(connection, listed[:COMMON])
    if best is not None:
        chosen, given = best
        return (
            f"(SELECT DISTINCT run_id FROM ({chosen})) d CROSS JOIN runs r ON r.id = d.run_id",
            list(given),
        )
    return ("runs r INDEXED BY runs_scan" if project else "runs r"), []


def _shortest(connection: sqlite3.Connection, listed: Sequence[Narrowing]) -> Narrowing | None:
    """Return the list with the fewest runs; None when all have more than ``FEW``."""
    best, most = None, FEW + 1
    for sql, params in listed:
        counted: int = connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT ?)", (*params, most)
        ).fetchone()[0]
        if counted < most:
            best, most = (sql, params), counted
    return best


def _common(connection: sqlite3.Connection, listed: Sequence[Narrowing]) -> Narrowing | None:
    """Return the runs that are in each of several long lists; None when they are many too."""
    tables = [f"({sql}) n{number}" for number, (sql, _) in enumerate(listed)]
    joined = [f"JOIN {table} ON n{n}.run_id = n0.run_id" for n, table in enumerate(tables)][1:]
    rows = connection.execute(
        f"SELECT DISTINCT n0.run_id FROM {tables[0]} {' '.join(joined)} LIMIT ?",
        (*(one for _, params in listed for one in params), FEW + 1),
    ).fetchall()
    ids = json.dumps([row[0] for row in rows])
    return ("SELECT value AS run_id FROM json_each(?)", (ids,)) if len(rows) <= FEW else None


def encode(key: tuple[int, str]) -> str:
    """Return the opaque cursor that stands after ``(start_time, id)``."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def decode(cursor: str) -> tuple[int, str]:
    """Return the key behind a cursor; raise ``QueryError`` when it is none."""
    try:
        start_time, run_id = orjson.loads(base64.urlsafe_b64decode(cursor.encode()))
        if not isinstance(run_id, str):
            raise ValueError
        return whole(start_time), run_id
    except (ValueError, TypeError):  # binascii's and orjson's errors among them
        raise QueryError(
            "The cursor is not one that this service gave; leave it out to begin anew.",
            field="cursor",
        ) from None
