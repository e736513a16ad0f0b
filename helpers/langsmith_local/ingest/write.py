"""Writing runs: new ones, changes to stored ones, and changes that came too early."""

from __future__ import annotations

import itertools
import operator
import sqlite3
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import orjson

from helpers.langsmith_local import projects
from helpers.langsmith_local.ingest import early, usage
from helpers.langsmith_local.ingest.columns import Shown, columns, status
from helpers.langsmith_local.ingest.early import Change
from helpers.langsmith_local.ingest.rules import session_not_found
from helpers.langsmith_local.ingest.usage import NOTHING, Sums, own_usage
from helpers.langsmith_local.times import now

__all__ = ["Change", "check_sessions", "write"]

Values = dict[str, Any]

ROWS_A_STATEMENT = 32  # of 31 columns; an old SQLite takes 999 values

_CHANGING = (
    "name",
    "run_type",
    "status",
    "start_time",
    "end_time",
    "first_token_time",
    "latency",
    "error",
    "thread_id",
    "execution_order",
    "reference_example_id",
    "own_usage",
    "inputs",
    "outputs",
    "events",
    "extra",
    "metadata",
    "serialized",
    "tags",
)
_FIXED = ("id", "trace_id", "parent_run_id", "project_id", "dotted_order", "is_root")
_COLUMNS = (*_FIXED, *_CHANGING, *usage.COLUMNS)
_ROW = f"({', '.join('?' * len(_COLUMNS))})"
_INSERT = f"INSERT INTO runs ({', '.join(_COLUMNS)}) VALUES {_ROW}"
_UPDATE = (
    f"UPDATE runs SET {', '.join(f'{c} = COALESCE(:{c}, {c})' for c in _CHANGING)} WHERE id = :id"
)
_SHOW = f"UPDATE runs SET {', '.join(f'{c} = ?' for c in usage.COLUMNS)} WHERE id = ?"
_STORED = (
    "SELECT id, dotted_order, run_type, start_time, end_time, error, own_usage, "
    f"{', '.join(usage.COLUMNS)} FROM runs WHERE id IN (SELECT value FROM json_each(?))"
)
_VALUES = operator.itemgetter(*_COLUMNS)
_SHOWN = operator.itemgetter(*usage.COLUMNS)
_NOTHING_NEW = dict.fromkeys(_CHANGING)
_EMPTY = dict.fromkeys(_COLUMNS)


def write(
    connection: sqlite3.Connection,
    posts: list[Change],
    patches: list[Change],
    changed: Mapping[str, Values] = MappingProxyType({}),
) -> None:
    """Write runs and changes to runs, within a transaction.

    ``changed`` is, by id, what changes said that are already made in ``posts``.

    Raises the 404 ``Refusal`` for a ``session_id`` that is no project.
    """
    check_sessions(connection, [*posts, *patches])
    ids = _json({run["id"] for run, _ in (*posts, *patches)})
    stored = {row["id"]: row for row in connection.execute(_STORED, (ids,))}
    new: dict[str, Change] = {}
    again: dict[str, Change] = {}
    for change in posts:
        _merge(again if change[0]["id"] in stored else new, change)
    patched = set(changed)
    for run, texts in early.take(connection, new):
        patched.add(run["id"])
        later = changed.get(run["id"], {})  # has the last word
        run = {key: run[key] for key in run if key == "id" or later.get(key) is None}
        _merge(new, (run, {key: texts[key] for key in texts if key in run}))
    for change in patches:
        run_id = change[0]["id"]
        if run_id in new or run_id in stored:
            patched.add(run_id)
            _merge(new if run_id in new else again, change)
        else:
            early.keep(connection, change)
    if new or again:
        known: Shown = {}
        made, remade = (
            {run_id: columns(*change, known) for run_id, change in changes.items()}
            for changes in (new, again)
        )
        _write(connection, made, remade, stored)
    if patched:
        listed = "INSERT OR IGNORE INTO changed_runs SELECT value FROM json_each(?)"
        connection.execute(listed, (_json(patched),))


def _merge(known: dict[str, Change], change: Change) -> None:
    run, texts = known.setdefault(change[0]["id"], change)
    if run is not change[0]:
        run.update(change[0])
        texts.update(change[1])


def _write(
    connection: sqlite3.Connection,
    new: dict[str, Values],
    changed: dict[str, Values],
    stored: dict[str, sqlite3.Row],
) -> None:
    _place(connection, new.values())
    updates = [_update(values, stored[run_id]) for run_id, values in changed.items()]
    rows = sorted(map(_insert, new.values()), key=lambda row: row["dotted_order"])
    shown = _count(connection, rows, updates, stored)
    _insert_rows(connection, [_VALUES(row) for row in rows])
    connection.executemany(_UPDATE, updates)
    connection.executemany(_SHOW, shown.pop("updates"))
    shown["sums"].apply()
    connection.execute(
        "INSERT OR IGNORE INTO unsettled (run_id) SELECT value FROM json_each(?)",
        (_json({*new, *changed}),),
    )


def check_sessions(connection: sqlite3.Connection, given: list[Change]) -> None:
    """Raise the 404 ``Refusal`` for a ``session_id`` that is no project."""
    wanted = {run["session_id"] for run, _ in given if "session_id" in run}
    if not wanted:
        return
    known = "SELECT id FROM projects WHERE id IN (SELECT value FROM json_each(?))"
    rows = connection.execute(known, (_json(wanted),))
    for missing in sorted(wanted - {row[0] for row in rows}):
        raise session_not_found(missing)


def _place(connection: sqlite3.Connection, new: Iterable[Values]) -> None:
    """Give new runs their start and their project; make projects that are named first here."""
    earliest: dict[str, int] = {}
    for values in new:
        start = values.setdefault("start_time", now())
        name = values.get("session_name") or projects.DEFAULT
        if "session_id" in values:
            values["project_id"] = values["session_id"]
        else:
            earliest[name] = min(start, earliest.get(name, start))
    made = {name: projects.ensure(connection, name, start) for name, start in earliest.items()}
    for values in new:
        if "session_id" in values:
            projects.start_by(connection, values["project_id"], values["start_time"])
        else:
            values["project_id"] = made[values.get("session_name") or projects.DEFAULT]


def _insert_rows(connection: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> None:
    """Insert rows, several a statement: 32, and of what is left 16, 8, 4, 2 and 1.

    The sqlite3 module gives up the interpreter lock at each step of a statement, and in a busy
    notebook gets it back late, on another processor's cache: with a step a row, sending takes a
    tenth longer.
    """
    size = ROWS_A_STATEMENT
    while rows:
        while size > len(rows):
            size //= 2
        portion, rows = rows[:size], rows[size:]
        values = list(itertools.chain.from_iterable(portion))
        connection.execute(_INSERT + f", {_ROW}" * (size - 1), values)


def _insert(values: Values) -> Values:
    row = {**_EMPTY, **values}
    row["is_root"] = int(row["parent_run_id"] is None)
    _derive(row, row["error"], row["start_time"], row["end_time"])
    return row


def _update(values: Values, stored: sqlite3.Row) -> Values:
    row = {**_NOTHING_NEW, **values}
    error, start, end = (
        stored[key] if row[key] is None else row[key] for key in ("error", "start_time", "end_time")
    )
    _derive(row, error, start, end)
    row["run_type"] = row["run_type"] or stored["run_type"]
    return row


def _derive(row: Values, error: str | None, start: int, end: int | None) -> None:
    row["status"] = status(error, end)
    row["latency"] = None if end is None else (end - start) / 1e6


def _count(
    connection: sqlite3.Connection,
    rows: list[Values],
    updates: list[Values],
    stored: dict[str, sqlite3.Row],
) -> dict[str, Any]:
    """Set ``own_usage`` and what is shown; return the changes to the runs above."""
    for row in (*rows, *updates):
        found = own_usage(row["run_type"], row.pop("usage", None))
        row["own_usage"] = found and orjson.dumps(found).decode()
        row["_own"] = found and usage.numbers(found)
    orders = [row["dotted_order"] for row in rows if row["_own"]]
    orders += [stored[row["id"]]["dotted_order"] for row in updates if row["_own"]]
    sums = Sums(connection, orders)
    last = _last_orders(connection, {row["trace_id"] for row in rows})
    for row in rows:
        order, trace_id = row["dotted_order"], row["trace_id"]
        late = order < last.get(trace_id, "")
        beneath = sums.beneath(trace_id, order) if late else NOTHING
        own, costs = row.pop("_own"), row["run_type"] != "llm"
        shown = sums.add(row["id"], order, own, beneath, costs=costs)
        row.update(zip(usage.COLUMNS, shown, strict=True))
    for row in rows:  # each parent is there by now: what its children add needs no UPDATE
        if more := sums.taken(row["id"], _SHOWN(row)):
            row.update(zip(usage.COLUMNS, more, strict=True))
    shown_updates = []
    for row in updates:
        before = stored[row["id"]]
        if own := row.pop("_own"):
            old = tuple(before[column] for column in usage.COLUMNS)
            costs = row["run_type"] != "llm"
            new = sums.add(row["id"], before["dotted_order"], own, old, costs=costs)
            shown_updates.append((*new, row["id"]))
    return {"sums": sums, "updates": shown_updates}


def _last_orders(connection: sqlite3.Connection, traces: set[str]) -> dict[str, str]:
    last = (
        "SELECT t.value, (SELECT max(dotted_order) FROM runs WHERE trace_id = t.value) AS last "
        "FROM json_each(?) AS t WHERE last IS NOT NULL"
    )
    return dict(connection.execute(last, (_json(traces),)).fetchall())


def _json(values: set[str]) -> str:
    return orjson.dumps(sorted(values)).decode()
