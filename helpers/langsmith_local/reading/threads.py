"""Threads in the second generation of the API: traces that share a thread id."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from typing import Any

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.filtering.condition import Condition, equal, members
from helpers.langsmith_local.reading import arguments as ask
from helpers.langsmith_local.reading import query, rows
from helpers.langsmith_local.reading.portion import each
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.reading.selects import TURN_FIELDS, beside, paged, shown, without_nulls
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import iso

__all__ = ["query_threads", "thread_stats", "thread_traces"]

TURN_NUMBER = "TURN_NUMBER"
THREAD_STATS = (
    *("TURNS", "FIRST_START_TIME", "LAST_START_TIME", "LAST_END_TIME"),
    *("LATENCY_P50", "LATENCY_P99", "PROMPT_TOKENS", "PROMPT_COST", "COMPLETION_TOKENS"),
    *("COMPLETION_COST", "TOTAL_TOKENS", "TOTAL_COST", "FEEDBACK_STATS"),
    *(name.upper() for name in rows.DETAILS),
)
SUMMED = ("prompt_tokens", "completion_tokens", "total_tokens")
OF_TURN = ("id", "trace_id", "start_time", "latency")
PAID = ("prompt_cost", "completion_cost", "total_cost")


def query_threads(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``POST /threads/query``: threads with a turn in the window, the latest first."""
    ask.served(given)
    projects = ask.projects(store, given, "project_id")
    where = [equal("is_root", 1), Condition("r.thread_id IS NOT NULL"), *ask.window(given)]
    connection = store.connection()
    every = Selection(projects, tuple(where), descending=False)
    chosen = Selection(
        projects,
        (*where, *ask.filters(given, "filter")),
        ask.text(given, "trace_filter"),
        ask.text(given, "tree_filter"),
    )
    matching = {row["thread_id"] for row in query.walk(connection, chosen, "r.thread_id")}
    # Of each thread its latest turn, and no more: a project may have many.
    latest = {
        row["thread_id"]: row["start_time"]
        for row in query.walk(connection, every, "r.thread_id, r.start_time")
    }
    keys = sorted(((latest[thread], thread) for thread in matching), reverse=True)
    if cursor := ask.text(given, "cursor"):
        keys = [key for key in keys if key < query.decode(cursor)]
    limit = ask.size(given, "page_size", default=20, most=100)
    items = [_thread(store, thread, projects, where) for _, thread in keys[:limit]]
    return paged(items, query.encode(keys[limit - 1]) if len(keys) > limit else None)


def _thread(
    store: Store, thread_id: str, projects: tuple[str, ...], where: list[Condition]
) -> dict[str, Any]:
    # Compared as it is: SQLite ends what is in JSON at NUL.
    listed = ("SELECT id AS run_id FROM runs WHERE thread_id = ?", (thread_id,))
    of_thread = Condition("r.thread_id = ?", (thread_id,), (listed,))
    found = _turns(store, Selection(projects, (*where, of_thread), descending=False))
    first, last = found[0], found[-1]
    failed = [row for row in found if row["status"] == "error"]
    item = {
        "thread_id": thread_id,
        "trace_id": last["trace_id"],
        "count": len(found),
        "num_errored_turns": len(failed),
        "start_time": iso(last["start_time"]),
        "min_start_time": iso(first["start_time"]),
        "max_start_time": iso(last["start_time"]),
        "first_trace_id": first["trace_id"],
        "last_trace_id": last["trace_id"],
        "first_inputs": _preview(store, first, "inputs"),
        "last_outputs": _preview(store, last, "outputs"),
        "last_error": failed[-1]["error"] if failed else None,
        "latency_p50": rows.percentile((row["latency"] for row in found), 0.5),
        "latency_p99": rows.percentile((row["latency"] for row in found), 0.99),
        "total_tokens": sum(row["total_tokens"] or 0 for row in found),
        "total_cost": sum(row["total_cost"] or 0.0 for row in found),
        "feedback_stats": without_nulls(
            rows.feedback_of(store.connection(), [row["id"] for row in found])
        ),
    }
    return {name: value for name, value in item.items() if value is not None}


def _turns(store: Store, selection: Selection) -> list[sqlite3.Row]:
    own = ", ".join(f"r.{name}" for name in (*OF_TURN, "status", "total_tokens", "total_cost"))
    error = f"substr(r.error, 1, {rows.PREVIEW_CHARACTERS}) AS error"
    return query.select(store.connection(), selection, f"{own}, {error}")


def _preview(store: Store, turn: sqlite3.Row, column: str) -> str | None:
    found = next(each(store.connection(), [turn["id"]], {column}), None)
    return rows.preview(found[column] if found else None)


def _in_thread(store: Store, given: dict[str, Any], project: str) -> Selection:
    if "\0" in given["thread_id"]:
        # SQLite would end it there, and find another thread.
        raise Refusal(422, "thread_id must not hold the character NUL", field="thread_id")
    return Selection(
        projects=ask.projects(store, given, project),
        where=(
            equal("is_root", 1),
            members("thread_id", [given["thread_id"]]),
            *ask.filters(given, "filter", "trace_filter"),
        ),
        tree_filter=ask.text(given, "tree_filter"),
        descending=False,
    )


def thread_traces(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``GET /threads/{thread_id}/traces``: the thread's turns, earliest first."""
    names = ["TRACE_ID", *ask.selects(given, (*TURN_FIELDS, TURN_NUMBER))]
    selection = _in_thread(store, given, "project_id")
    limit = ask.size(given, "page_size", default=20, most=100)
    page = query.page(store.connection(), selection, limit=limit, cursor=ask.text(given, "cursor"))
    found_beside = beside(store, page.rows, origin)
    items = [shown(row, names, found_beside, TURN_FIELDS) for row in page.rows]
    if TURN_NUMBER in names:
        whole = _in_thread(store, {k: given[k] for k in ("thread_id", "project_id")}, "project_id")
        places = [row["id"] for row in query.select(store.connection(), whole, "r.id")]
        for item, row in zip(items, page.rows, strict=True):
            item["turn_number"] = places.index(row["id"]) + 1
    return paged(items, page.next)


def thread_stats(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``GET /threads/{thread_id}/stats``; at least one of ``selects`` is needed."""
    names = ask.selects(given, THREAD_STATS)
    if not names:
        raise Refusal(400, f"selects is required; it takes {', '.join(THREAD_STATS)}.")
    columns = ", ".join(f"r.{name}" for name in (*OF_TURN, "end_time", *SUMMED, *PAID))
    found = query.select(store.connection(), _in_thread(store, given, "session_id"), columns)
    every = {
        "turns": len(found),
        "first_start_time": iso(min((row["start_time"] for row in found), default=None)),
        "last_start_time": iso(max((row["start_time"] for row in found), default=None)),
        "last_end_time": iso(max((row["end_time"] or 0 for row in found), default=0) or None),
        "latency_p50": rows.percentile((row["latency"] for row in found), 0.5),
        "latency_p99": rows.percentile((row["latency"] for row in found), 0.99),
        **{name: sum(row[name] or 0 for row in found) for name in (*SUMMED, *PAID)},
        **_summed_details(store, [row["trace_id"] for row in found]),
        "feedback_stats": without_nulls(
            rows.feedback_of(store.connection(), [row["id"] for row in found])
        ),
    }
    chosen = {name.lower(): every[name.lower()] for name in names}
    renamed = {f"{n}_seconds" if n.startswith("latency") else n: v for n, v in chosen.items()}
    return {name: value for name, value in renamed.items() if value is not None}


def _summed_details(store: Store, traces: list[str]) -> dict[str, Any]:
    sums: dict[str, Counter[str]] = {name: Counter() for name in rows.DETAILS}
    for row in store.connection().execute(
        "SELECT own_usage FROM runs WHERE own_usage IS NOT NULL "
        "AND trace_id IN (SELECT value FROM json_each(?))",
        (json.dumps(traces),),
    ):
        for name, found in rows.details(row).items():
            sums[name].update(found or {})
    return {name: {"raw": dict(found)} if found else None for name, found in sums.items()}
