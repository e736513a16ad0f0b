"""Projects given back, with their statistics: ``GET /sessions`` and ``GET /sessions/{id}``.

Parameters and fields are those of LangSmith's OpenAPI document (TracerSession). A project's
statistics are those of its traces: in the sample of LangSmith's documentation ("How to fetch
performance metrics for an experiment") an agent that ran nine times has a ``run_count`` of 9.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpers.langsmith_local import projects
from helpers.langsmith_local.filtering.condition import equal
from helpers.langsmith_local.ids import uuid_text
from helpers.langsmith_local.parameters import (
    checked,
    listed,
    one_of,
    truth,
    unserved,
    whole_number,
)
from helpers.langsmith_local.reading import rows
from helpers.langsmith_local.reading.answering import answered
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.reading.stats import statistics
from helpers.langsmith_local.state import state_of
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import microseconds

__all__ = ["ROUTES"]

MAX_PAGE = 100
# Columns to sort by, and the statistics; by feedback is not served.
COLUMNS = ("name", "start_time")
COUNTED = {
    **{name: name for name in ("last_run_start_time", "latency_p50", "latency_p99", "error_rate")},
    "runs_count": "run_count",
}
UNSERVED = {
    "filter": "it filters by name, name_contains, id and metadata",
    **dict.fromkeys(("reference_dataset", "dataset_version"), "it has no datasets"),
    **dict.fromkeys(("sort_by_feedback_key", "sort_by_feedback_source"), "see sort_by"),
    "tag_value_id": "it has no tags of projects",
    "facets": "it counts no facets",
    **dict.fromkeys(("stats_select", "stats_filter"), "its statistics are those of all traces"),
}
COSTS = ("total_cost", "prompt_cost", "completion_cost")
# Of RunStats, what TracerSession has no field for.
BEYOND = ("median_tokens", "tokens_p99", "cost_p50", "cost_p99")


def _list(request: Request) -> Callable[[Store], list[dict[str, Any]]]:
    query = request.query_params
    unserved(query, UNSERVED)
    limit = whole_number(query.get("limit"), "limit", least=1, most=MAX_PAGE, default=MAX_PAGE)
    offset = whole_number(query.get("offset"), "offset", least=0, most=2**62, default=0)
    sort = one_of(query.get("sort_by"), "sort_by", (*COLUMNS, *COUNTED)) or "start_time"
    descending = truth(query.get("sort_by_desc"), "sort_by_desc") is not False
    counted = truth(query.get("include_stats"), "include_stats") is True
    wanted = checked(query.get("metadata") or None, "metadata", _object)
    where, values = _conditions(query)
    since = _since(query)
    column, way = (sort if sort in COLUMNS else "start_time"), ("DESC" if descending else "ASC")
    sql = f"SELECT * FROM projects WHERE {where} ORDER BY {column} {way}, rowid {way}"

    def page(store: Store) -> list[dict[str, Any]]:
        found = store.connection().execute(f"{sql} LIMIT ? OFFSET ?", (*values, limit, offset))
        return [_project(store, row, since, counted=counted) for row in found]

    def chosen(store: Store) -> list[dict[str, Any]]:
        found = store.connection().execute(sql, values).fetchall()
        found = [row for row in found if _has(row, wanted or {})]
        if sort in COUNTED:
            found = _sorted(store, found, COUNTED[sort], since, descending=descending)
        found = found[offset : offset + limit]
        return [_project(store, row, since, counted=counted) for row in found]

    return page if wanted is None and sort in COLUMNS else chosen


def _retrieve(request: Request) -> Callable[[Store], dict[str, Any]]:
    query, project_id = request.query_params, projects.id_of(request)
    counted = truth(query.get("include_stats"), "include_stats") is True
    since = _since(query)

    def read(store: Store) -> dict[str, Any]:
        row = projects.row_of(store.connection(), project_id)
        return _project(store, row, since, counted=counted)

    return read


def _conditions(query: QueryParams) -> tuple[str, list[Any]]:
    where, values = ["1"], []
    if query.get("name"):
        where.append("name = ?")
        values.append(query["name"])
    if query.get("name_contains"):
        where.append("instr(lower(name), lower(?)) > 0")
        values.append(query["name_contains"])
    if ids := listed(query.getlist("id"), "id", uuid_text):
        where.append("id IN (SELECT value FROM json_each(?))")
        values.append(orjson.dumps(ids).decode())
    if truth(query.get("reference_free"), "reference_free") is False:
        where.append("0")  # no project belongs to a dataset
    return " AND ".join(where), values


def _since(query: QueryParams) -> int | None:
    return checked(query.get("stats_start_time") or None, "stats_start_time", microseconds)


def _object(text: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise ValueError('must be a JSON object, such as {"team": "glossary"}')
    return value


def _has(row: sqlite3.Row, wanted: dict[str, Any]) -> bool:
    """Whether a project's metadata contains what is wanted."""
    extra = orjson.loads(row["extra"]) if row["extra"] else {}
    return _contains(extra.get("metadata") or {}, wanted)


def _contains(held: Any, wanted: Any) -> bool:
    if isinstance(held, dict) and isinstance(wanted, dict):
        return all(key in held and _contains(held[key], wanted[key]) for key in wanted)
    return type(held) is type(wanted) and bool(held == wanted)


def _sorted(
    store: Store, found: list[sqlite3.Row], name: str, since: int | None, *, descending: bool
) -> list[sqlite3.Row]:
    """Return projects in order of a statistic; those that have none come last."""
    known = [(_statistics(store, row, since)[name], row) for row in found]
    have = [(value, row) for value, row in known if value is not None]
    have.sort(key=lambda pair: pair[0], reverse=descending)
    return [row for _, row in have] + [row for value, row in known if value is None]


def _project(store: Store, row: sqlite3.Row, since: int | None, *, counted: bool) -> dict[str, Any]:
    project = projects.shown(store, row)
    return project | _statistics(store, row, since) if counted else project


def _statistics(store: Store, row: sqlite3.Row, since: int | None) -> dict[str, Any]:
    connection = store.connection()
    where = [equal("is_root", 1)]
    if since is not None:
        where.append(equal("start_time", since, op=">="))
    found = statistics(connection, Selection((row["id"],), tuple(where)))
    own = connection.execute(
        "SELECT key, score, value, comment, source FROM feedback "
        "WHERE project_id = ? AND run_id IS NULL ORDER BY key, created_at",
        (row["id"],),
    )
    return {
        **{name: value for name, value in found.items() if name not in BEYOND},
        **{name: rows.money(found[name]) for name in COSTS},
        "session_feedback_stats": rows.feedback_stats(own),
        "run_facets": [],
        "test_run_number": None,
    }


def _answering(
    asked: Callable[[Request], Callable[[Store], Any]],
) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        return await answered(state_of(request.app), asked(request))

    return endpoint


ROUTES: list[Route] = [
    Route("/sessions", _answering(_list), methods=["GET"]),
    Route("/sessions/{session_id}", _answering(_retrieve), methods=["GET"]),
]
