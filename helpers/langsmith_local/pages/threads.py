"""The list of a project's threads, and one of them: its turns, the first at the top."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from helpers.langsmith_local.filtering.condition import Condition, equal
from helpers.langsmith_local.pages.lists import COLUMNS, Filled, Given, Missing, project_of
from helpers.langsmith_local.pages.records import Line, held, lines, record
from helpers.langsmith_local.pages.run import row_of
from helpers.langsmith_local.pages.values import Shown, shown
from helpers.langsmith_local.reading import query, rows
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.reading.threads import query_threads
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import microseconds
from helpers.serving.bounds import EARLIEST_YEAR
from helpers.view import Run
from helpers.view.facts import error_line, stars_of
from helpers.view.values import clip

__all__ = ["of_thread", "of_threads"]

TURNS = 20
READ = 256 * 1024  # bytes of what came in or out of a turn, above which its beginning is read
SAID = 4_000  # characters of it
SUMS = (
    "count(*) AS turns, sum(r.status = 'error') AS failed, sum(r.total_tokens) AS tokens, "
    "sum(r.total_cost) AS cost, min(r.start_time) AS first, max(r.start_time) AS last"
)


@dataclass(frozen=True)
class Turn:
    """A turn of a thread: a trace, what came in and what came out."""

    number: int
    row: sqlite3.Row
    run: Run
    inputs: Shown
    outputs: Shown
    error: str
    stars: str


def of_threads(store: Store, given: Given) -> Filled:
    """Return what the list of a project's threads shows: those with the latest turns first."""
    project = project_of(store, given)
    asked = {
        "project_id": project["id"],
        "min_start_time": f"{EARLIEST_YEAR}-01-01T00:00:00Z",
        "cursor": given.get("cursor"),
    }
    found = query_threads(store, asked, "")
    threads = [
        {
            **one,
            "last": microseconds(one["max_start_time"]),
            "input": _line(store, one["first_trace_id"]).input,
            "output": _line(store, one["last_trace_id"]).output,
        }
        for one in found["items"]
    ]
    return {"project": project, "threads": threads, "next": found.get("next_cursor")}


def _line(store: Store, trace_id: str) -> Line:
    """Return a turn's line, as a list of traces has it."""
    return lines(store, [row_of(store, trace_id)])[0]


def of_thread(store: Store, given: Given) -> Filled:
    """Return what the page of a thread shows; raise ``Missing`` where it has no turn."""
    project, thread = project_of(store, given), given["thread_id"]
    connection = store.connection()
    # Compared as it is: SQLite ends what is in JSON at NUL.
    listed = ("SELECT id AS run_id FROM runs WHERE thread_id = ?", (thread,))
    where = [equal("is_root", 1), Condition("r.thread_id = ?", (thread,), (listed,))]
    sums = query.select(connection, Selection((project["id"],), tuple(where)), SUMS)[0]
    if not sums["turns"]:
        raise Missing("thread")
    begun, before = where, 0
    if cursor := given.get("cursor"):
        key = query.decode(cursor)
        begun = [*where, Condition("(r.start_time, r.id) > (?, ?)", key)]
        passed = (*where, Condition("(r.start_time, r.id) <= (?, ?)", key))
        before = query.select(connection, Selection((project["id"],), passed), "count(*)")[0][0]
    chosen = Selection((project["id"],), tuple(begun), descending=False)
    found = query.select(connection, chosen, COLUMNS, limit=TURNS + 1)
    last = found[TURNS - 1] if len(found) > TURNS else None
    marks = rows.beside(store, [row["id"] for row in found]).feedback
    turns = [
        _turn(connection, row, before + number, marks.get(row["id"], {}))
        for number, row in enumerate(found[:TURNS], start=1)
    ]
    following = query.encode((last["start_time"], last["id"])) if last is not None else None
    return {"project": project, "id": thread, "sums": sums, "turns": turns, "next": following}


def _turn(
    connection: sqlite3.Connection, row: sqlite3.Row, number: int, feedback: dict[str, Any]
) -> Turn:
    long = held(connection, row["id"], ("inputs", "outputs", "error"), most=READ, begin=SAID)
    error = long["error"].text
    run = record(row, error=error, feedback=feedback)
    return Turn(
        number=number,
        row=row,
        run=run,
        inputs=shown(long["inputs"], most=SAID),
        outputs=shown(long["outputs"], most=SAID),
        error=clip(error_line(error), SAID) if error else "",
        stars=", ".join(text for _, text in stars_of(run)),
    )
