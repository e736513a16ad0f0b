"""Reading runs, traces and threads, the second generation of LangSmith's API.

Shapes follow the ``query.*`` and ``threads.*`` schemas of LangSmith's OpenAPI document and, for
``/traces/query`` and ``/runs/{id}/url``, the types of the Python SDK 0.15. What differs from the
first generation: project ids are required, runs older than a day are left out unless asked for,
only selected fields come, and enums are upper case.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpers.langsmith_local import body as bodies
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.filtering.compile import FilterError, compile_filter
from helpers.langsmith_local.filtering.condition import among, equal, members
from helpers.langsmith_local.reading import arguments as ask
from helpers.langsmith_local.reading import query, rows
from helpers.langsmith_local.reading.answering import answered
from helpers.langsmith_local.reading.portion import each
from helpers.langsmith_local.reading.query import QueryError, Selection
from helpers.langsmith_local.reading.selects import (
    RUN_FIELDS,
    RUN_TYPES,
    beside,
    long_of,
    paged,
    shown,
)
from helpers.langsmith_local.reading.threads import query_threads, thread_stats, thread_traces
from helpers.langsmith_local.state import state_of
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import iso

__all__ = ["ROUTES"]


class _Anything(Convertor[str]):
    """A part of a path that may hold whatever a thread's id does, line ends too."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())

AGGREGATES = ("TOTAL_TOKENS", "TOTAL_COST", "FIRST_TOKEN_TIME")

# --- runs -----------------------------------------------------------------------------------


def query_runs(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``POST /runs/query``."""
    ask.served(given)
    names = ask.selects(given, RUN_FIELDS) or ["ID"]
    where = [*ask.window(given), *ask.filters(given, "filter")]
    for name, column in (("ids", "id"), ("trace_id", "trace_id")):
        if ids := ask.uuids(given, name):
            where.append(members(column, ids))
    if ids := ask.uuids(given, "reference_examples"):
        where.append(among("reference_example_id", ids))
    if run_type := ask.one_of(given, "run_type", RUN_TYPES):
        where.append(equal("run_type", run_type.lower()))
    if (is_root := ask.flag(given, "is_root")) is not None:
        where.append(equal("is_root", int(is_root)))
    if (has_error := ask.flag(given, "has_error")) is not None:
        where.append(compile_filter(f"{'neq' if has_error else 'eq'}(error, null)"))
    order = ask.one_of(given, "sort_order", ("ASC", "DESC")) or "DESC"
    selection = Selection(
        projects=ask.projects(store, given, "project_ids"),
        where=tuple(where),
        trace_filter=ask.text(given, "trace_filter"),
        tree_filter=ask.text(given, "tree_filter"),
        descending=order == "DESC",
    )
    limit = ask.size(given, "page_size", default=100, most=1000)
    page = query.page(store.connection(), selection, limit=limit, cursor=ask.text(given, "cursor"))
    found_beside = beside(store, page.rows, origin)
    return paged([shown(row, names, found_beside, RUN_FIELDS) for row in page.rows], page.next)


def retrieve_run(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``GET /runs/{run_id}``; ``start_time`` is not needed to find the run here."""
    names = ask.selects(given, RUN_FIELDS) or ["ID"]
    row = _run(store, given)
    return shown(row, names, beside(store, [row], origin), RUN_FIELDS)


def run_url(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``GET /runs/{run_id}/url`` with the address of the run's page."""
    if not given.get("trace_id"):
        raise Refusal(400, "trace_id is required.")
    return {"url": origin + rows.app_path(_run(store, given), store.tenant_id)}


def _run(store: Store, given: dict[str, Any]) -> sqlite3.Row:
    projects = ask.projects(store, given, "project_id")
    (run_id,) = ask.uuids(given, "run_id")
    selection = Selection(projects=projects, where=(members("id", [run_id]),))
    found = query.page(store.connection(), selection, limit=1).rows
    if not found:
        raise Refusal(404, f"run not found: {run_id}")
    return found[0]


# --- traces ---------------------------------------------------------------------------------


def query_traces(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``POST /traces/query``: root runs, each with the sums over its trace."""
    ask.served(given)
    names = ask.selects(given, RUN_FIELDS) or ["ID"]
    where = [equal("is_root", 1), *ask.window(given), *ask.filters(given, "trace_filter")]
    if ids := ask.uuids(given, "trace_ids"):
        where.append(members("trace_id", ids))
    selection = Selection(
        projects=ask.projects(store, given, "project_id"),
        where=tuple(where),
        tree_filter=ask.text(given, "tree_filter"),
    )
    limit = ask.size(given, "page_size", default=20, most=100)
    page = query.page(store.connection(), selection, limit=limit, cursor=ask.text(given, "cursor"))
    found_beside = beside(store, page.rows, origin)
    first = _first_tokens(store, [row["trace_id"] for row in page.rows])
    summed = [name for name in names if name in AGGREGATES]
    items = []
    for row in page.rows:
        own = [name for name in names if name not in AGGREGATES]
        item: dict[str, Any] = {"root_run": shown(row, own, found_beside, RUN_FIELDS)}
        if summed:
            sums = shown(row, summed, found_beside, RUN_FIELDS)
            sums.pop("first_token_time", None)
            if "FIRST_TOKEN_TIME" in summed and (time := first.get(row["trace_id"])):
                sums["first_token_time"] = iso(time)
            item["trace_aggregates"] = sums
        items.append(item)
    return paged(items, page.next)


def _first_tokens(store: Store, traces: list[str]) -> dict[str, int]:
    found = store.connection().execute(
        "SELECT trace_id, min(first_token_time) FROM runs "
        "WHERE trace_id IN (SELECT value FROM json_each(?)) GROUP BY trace_id",
        (json.dumps(traces),),
    )
    return {trace: time for trace, time in found if time is not None}


def trace_runs(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``GET /traces/{trace_id}/runs``: the runs of a trace, earliest first."""
    names = ask.selects(given, RUN_FIELDS) or ["ID"]
    selection = Selection(
        projects=ask.projects(store, given, "project_id"),
        where=(
            members("trace_id", ask.uuids(given, "trace_id")),
            *ask.window(given, past=None),
            *ask.filters(given, "filter"),
        ),
        descending=False,
    )
    found = [row["id"] for row in query.select(store.connection(), selection, "r.id")]
    if not found and not given.get("filter"):
        raise Refusal(404, f"trace not found: {given['trace_id']}")
    # It has no cursor, so it is whole, however large; one run at a time is in memory.
    runs = each(store.connection(), found, long_of(names))
    return {"items": (shown(row, names, beside(store, [row], origin), RUN_FIELDS) for row in runs)}


# --- the routes -----------------------------------------------------------------------------


def _answering(
    answer: Callable[[Store, dict[str, Any], str], Any],
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        given = await _given(request)
        origin = f"{request.url.scheme}://{request.url.netloc}"

        def read(store: Store) -> Any:
            store.settle()
            return answer(store, given, origin)

        try:
            return await answered(state_of(request.app), read)
        except FilterError as error:
            raise Refusal(400, str(error)) from error
        except QueryError as error:
            raise Refusal(error.status, str(error)) from error

    return endpoint


async def _given(request: Request) -> dict[str, Any]:
    """Return a request's body, or its query, with the parts of its path."""
    if request.method == "POST":
        return await bodies.read_object(request)
    query = request.query_params
    given: dict[str, Any] = {name: query[name] for name in query}
    # The SDK repeats the name; others join by comma or add brackets.
    chosen = [*query.getlist("selects"), *query.getlist("selects[]")]
    given["selects"] = [name for value in chosen for name in value.split(",") if name]
    return {**given, **request.path_params}


ROUTES: list[Route] = [
    Route("/runs/query", _answering(query_runs), methods=["POST"]),
    Route("/runs/{run_id}", _answering(retrieve_run), methods=["GET"]),
    Route("/runs/{run_id}/url", _answering(run_url), methods=["GET"]),
    Route("/traces/query", _answering(query_traces), methods=["POST"]),
    Route("/traces/{trace_id}/runs", _answering(trace_runs), methods=["GET"]),
    Route("/threads/query", _answering(query_threads), methods=["POST"]),
    Route("/threads/{thread_id:anything}/traces", _answering(thread_traces), methods=["GET"]),
    Route("/threads/{thread_id:anything}/stats", _answering(thread_stats), methods=["GET"]),
]
