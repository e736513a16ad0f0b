"""Reading runs, traces and threads, the second generation of LangSmith's API.

Shapes follow the ``query.*`` and ``threads.*`` schemas of LangSmith's OpenAPI document and, for
``/traces/query`` and ``/runs/{id}/url``, the types of the Python SDK 0.15. What differs from the
first generation: project ids are required, runs older than a day are left out unless asked for,
only selected fields come, and enums are upper case.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpers.langsmith_local import ask, query, rows
from helpers.langsmith_local import body as bodies
from helpers.langsmith_local.condition import Condition, equal, members
from helpers.langsmith_local.filters import FilterError, compile_filter
from helpers.langsmith_local.problem import Refusal
from helpers.langsmith_local.query import QueryError, Selection
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import iso, now

__all__ = ["routes"]

DAY = 86_400_000_000  # microseconds
RUN_TYPES = ("TOOL", "CHAIN", "LLM", "RETRIEVER", "EMBEDDING", "PROMPT", "PARSER")
NOT_SERVED = (
    *("ai_query", "ai_search", "sem_filter", "thread_filter", "reference_dataset_id"),
    *("min_feedback_modified_at", "max_feedback_modified_at"),
)
AGGREGATES = ("TOTAL_TOKENS", "TOTAL_COST", "FIRST_TOKEN_TIME")

Field = Callable[[sqlite3.Row, rows.Beside], Any]


def _column(name: str) -> Field:
    return lambda row, _: row[name]


def _json(name: str) -> Field:
    return lambda row, _: rows.raw(row[name])


def _time(name: str) -> Field:
    return lambda row, _: iso(row[name])


def _upper(name: str) -> Field:
    return lambda row, _: row[name].upper()


def _details(name: str) -> Field:
    def field(row: sqlite3.Row, _: rows.Beside) -> Any:
        found = rows.details(row)[name]
        return found and {"raw": found}

    return field


def _attachments(row: sqlite3.Row, beside: rows.Beside) -> Any:
    names = beside.attachments.get(row["id"], {})
    return {
        n: f"{beside.origin}/attachments/{row['id']}/{quote(n, safe='')}" for n in names
    } or None


def _without_nulls(stats: dict[str, Any]) -> dict[str, Any]:
    return {
        key: {name: value for name, value in found.items() if value is not None}
        for key, found in stats.items()
    }


COMMON: dict[str, Field] = {
    **{name.upper(): _column(name) for name in ("name", "trace_id", "thread_id", "error")},
    **{name.upper(): _time(name) for name in ("start_time", "end_time", "first_token_time")},
    **{name.upper(): _column(name) for name in ("prompt_tokens", "completion_tokens")},
    **{name.upper(): _column(name) for name in ("total_tokens", "total_cost")},
    **{name.upper(): _column(name) for name in ("prompt_cost", "completion_cost")},
    **{name.upper(): _details(name) for name in rows.DETAILS},
    **{name.upper(): _json(name) for name in ("inputs", "outputs")},
    "INPUTS_PREVIEW": lambda row, _: rows.preview(row["inputs"]),
    "OUTPUTS_PREVIEW": lambda row, _: rows.preview(row["outputs"]),
    "ERROR_PREVIEW": lambda row, _: row["error"] and row["error"][: rows.PREVIEW_CHARACTERS],
}
RUN_FIELDS: dict[str, Field] = {
    **COMMON,
    "ID": _column("id"),
    "RUN_TYPE": _upper("run_type"),
    "STATUS": _upper("status"),
    "LATENCY_SECONDS": _column("latency"),
    "EXTRA": lambda row, _: rows.extra(row),
    "METADATA": lambda row, _: rows.raw(row["metadata"] or "{}"),
    "EVENTS": _json("events"),
    "MANIFEST": _json("serialized"),
    "PARENT_RUN_IDS": lambda row, _: rows.ancestors(row["dotted_order"]),
    "PROJECT_ID": _column("project_id"),
    "DOTTED_ORDER": _column("dotted_order"),
    "IS_ROOT": lambda row, _: bool(row["is_root"]),
    "REFERENCE_EXAMPLE_ID": _column("reference_example_id"),
    "TAGS": _json("tags"),
    "APP_PATH": lambda row, beside: rows.app_path(row, beside.tenant_id),
    "ATTACHMENTS": _attachments,
    "IS_IN_DATASET": lambda row, _: False,
    "FEEDBACK_STATS": lambda row, beside: _without_nulls(beside.feedback.get(row["id"], {})),
    # Known names of what this service never has.
    **dict.fromkeys(
        ("REFERENCE_DATASET_ID", "PRICE_MODEL_ID", "THREAD_EVALUATION_TIME", "SHARE_URL"),
        lambda row, _: None,
    ),
    **dict.fromkeys(("LAST_QUEUED_AT", "LS_USER_ID"), lambda row, _: None),
}
TURN_FIELDS: dict[str, Field] = {
    **COMMON,
    "LATENCY": _column("latency"),
    "OP": lambda row, _: RUN_TYPES.index(row["run_type"].upper()),
}
TURN_NUMBER = "TURN_NUMBER"
THREAD_STATS = (
    *("TURNS", "FIRST_START_TIME", "LAST_START_TIME", "LAST_END_TIME"),
    *("LATENCY_P50", "LATENCY_P99", "PROMPT_TOKENS", "PROMPT_COST", "COMPLETION_TOKENS"),
    *("COMPLETION_COST", "TOTAL_TOKENS", "TOTAL_COST", "FEEDBACK_STATS"),
    *(name.upper() for name in rows.DETAILS),
)
SUMMED = ("prompt_tokens", "completion_tokens", "total_tokens")
PAID = ("prompt_cost", "completion_cost", "total_cost")


# --- what is asked --------------------------------------------------------------------------


def _selects(given: dict[str, Any], known: Iterable[str]) -> list[str]:
    chosen = given.get("selects") or []
    names = tuple(known)
    if not isinstance(chosen, list):
        raise QueryError("selects is a list of field names.", field="selects")
    for name in chosen:
        ask.one_of({"selects": name}, "selects", names)
    return list(dict.fromkeys(chosen))


def _projects(store: Store, given: dict[str, Any], name: str) -> tuple[str, ...]:
    ids = tuple(dict.fromkeys(ask.uuids(given, name)))
    if not ids:
        raise Refusal(400, f"{name} is required; a project's name is not taken in its place.")
    for project_id in ids:
        found = store.project(project_id)
        if found is None or found["id"] != project_id:
            raise Refusal(404, f"session not found: {project_id}")
    return ids


def _window(given: dict[str, Any], *, past: int | None = DAY) -> list[Condition]:
    """Return the bounds of the start time; the lower one is a day ago where none is given."""
    low = ask.when(given, "min_start_time")
    high = ask.when(given, "max_start_time")
    if low is None and past is not None:
        low = now() - past
    found = [equal("start_time", low, op=">=")] if low is not None else []
    return found + ([equal("start_time", high, op="<=")] if high is not None else [])


def _filter(given: dict[str, Any], *names: str) -> list[Condition]:
    return [compile_filter(text) for name in names if (text := ask.text(given, name))]


def _refuse_unserved(given: dict[str, Any]) -> None:
    for name in NOT_SERVED:
        if given.get(name):
            raise Refusal(501, f"The local LangSmith does not serve {name}.")


# --- what is answered -----------------------------------------------------------------------


def _beside(store: Store, found: list[sqlite3.Row], origin: str) -> rows.Beside:
    ids = [row["id"] for row in found]
    return rows.beside(store.connection(), store.tenant_id, ids, origin=origin)


def _shown(
    row: sqlite3.Row, names: Iterable[str], beside: rows.Beside, fields: dict[str, Field]
) -> dict[str, Any]:
    """Return the selected fields that have a value; absent stands for null."""
    pairs = ((name.lower(), fields[name](row, beside)) for name in names if name in fields)
    return {name: value for name, value in pairs if value is not None}


def _paged(items: list[dict[str, Any]], cursor: str | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"items": items, "has_more": cursor is not None}
    return {**answer, "next_cursor": cursor} if cursor else answer


# --- runs -----------------------------------------------------------------------------------


def query_runs(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``POST /runs/query``."""
    _refuse_unserved(given)
    names = _selects(given, RUN_FIELDS) or ["ID"]
    where = [*_window(given), *_filter(given, "filter")]
    for name, column in (("ids", "id"), ("trace_id", "trace_id")):
        if ids := ask.uuids(given, name):
            where.append(members(column, ids))
    if ids := ask.uuids(given, "reference_examples"):
        marks = ", ".join("?" * len(ids))
        where.append(Condition(f"r.reference_example_id IN ({marks})", tuple(ids)))
    if run_type := ask.one_of(given, "run_type", RUN_TYPES):
        where.append(equal("run_type", run_type.lower()))
    if (is_root := ask.flag(given, "is_root")) is not None:
        where.append(equal("is_root", int(is_root)))
    if (has_error := ask.flag(given, "has_error")) is not None:
        where.append(compile_filter(f"{'neq' if has_error else 'eq'}(error, null)"))
    order = ask.one_of(given, "sort_order", ("ASC", "DESC")) or "DESC"
    selection = Selection(
        projects=_projects(store, given, "project_ids"),
        where=tuple(where),
        trace_filter=ask.text(given, "trace_filter"),
        tree_filter=ask.text(given, "tree_filter"),
        descending=order == "DESC",
    )
    limit = ask.size(given, "page_size", default=100, most=1000)
    page = query.page(store.connection(), selection, limit=limit, cursor=ask.text(given, "cursor"))
    beside = _beside(store, page.rows, origin)
    return _paged([_shown(row, names, beside, RUN_FIELDS) for row in page.rows], page.next)


def retrieve_run(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``GET /runs/{run_id}``; ``start_time`` is not needed to find the run here."""
    names = _selects(given, RUN_FIELDS) or ["ID"]
    row = _run(store, given)
    return _shown(row, names, _beside(store, [row], origin), RUN_FIELDS)


def run_url(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``GET /runs/{run_id}/url`` with the address of the run's page."""
    if not given.get("trace_id"):
        raise Refusal(400, "trace_id is required.")
    return {"url": origin + rows.app_path(_run(store, given), store.tenant_id)}


def _run(store: Store, given: dict[str, Any]) -> sqlite3.Row:
    projects = _projects(store, given, "project_id")
    (run_id,) = ask.uuids(given, "run_id")
    selection = Selection(projects=projects, where=(members("id", [run_id]),))
    found = query.page(store.connection(), selection, limit=1).rows
    if not found:
        raise Refusal(404, f"run not found: {run_id}")
    return found[0]


# --- traces ---------------------------------------------------------------------------------


def query_traces(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``POST /traces/query``: root runs, each with the sums over its trace."""
    _refuse_unserved(given)
    names = _selects(given, RUN_FIELDS) or ["ID"]
    where = [equal("is_root", 1), *_window(given), *_filter(given, "trace_filter")]
    if ids := ask.uuids(given, "trace_ids"):
        where.append(members("trace_id", ids))
    selection = Selection(
        projects=_projects(store, given, "project_id"),
        where=tuple(where),
        tree_filter=ask.text(given, "tree_filter"),
    )
    limit = ask.size(given, "page_size", default=20, most=100)
    page = query.page(store.connection(), selection, limit=limit, cursor=ask.text(given, "cursor"))
    beside = _beside(store, page.rows, origin)
    first = _first_tokens(store, [row["trace_id"] for row in page.rows])
    summed = [name for name in names if name in AGGREGATES]
    items = []
    for row in page.rows:
        own = [name for name in names if name not in AGGREGATES]
        item: dict[str, Any] = {"root_run": _shown(row, own, beside, RUN_FIELDS)}
        if summed:
            sums = _shown(row, summed, beside, RUN_FIELDS)
            sums.pop("first_token_time", None)
            if "FIRST_TOKEN_TIME" in summed and (time := first.get(row["trace_id"])):
                sums["first_token_time"] = iso(time)
            item["trace_aggregates"] = sums
        items.append(item)
    return _paged(items, page.next)


def _first_tokens(store: Store, traces: list[str]) -> dict[str, int]:
    found = store.connection().execute(
        "SELECT trace_id, min(first_token_time) FROM runs "
        "WHERE trace_id IN (SELECT value FROM json_each(?)) GROUP BY trace_id",
        (json.dumps(traces),),
    )
    return {trace: time for trace, time in found if time is not None}


def trace_runs(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``GET /traces/{trace_id}/runs``: the runs of a trace, earliest first."""
    names = _selects(given, RUN_FIELDS) or ["ID"]
    selection = Selection(
        projects=_projects(store, given, "project_id"),
        where=(
            members("trace_id", ask.uuids(given, "trace_id")),
            *_window(given, past=None),
            *_filter(given, "filter"),
        ),
        descending=False,
    )
    found = query.select(store.connection(), selection, "r.*")
    if not found and not given.get("filter"):
        raise Refusal(404, f"trace not found: {given['trace_id']}")
    beside = _beside(store, found, origin)
    return {"items": [_shown(row, names, beside, RUN_FIELDS) for row in found]}


# --- threads --------------------------------------------------------------------------------


def query_threads(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``POST /threads/query``: threads with a turn in the window, the latest first."""
    _refuse_unserved(given)
    projects = _projects(store, given, "project_id")
    where = [equal("is_root", 1), Condition("r.thread_id IS NOT NULL"), *_window(given)]
    connection = store.connection()
    columns = "r.thread_id, r.start_time, r.id"
    turns = query.select(connection, Selection(projects, tuple(where), descending=False), columns)
    by_thread: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in turns:
        by_thread[row["thread_id"]].append(row)
    chosen = Selection(
        projects,
        (*where, *_filter(given, "filter")),
        ask.text(given, "trace_filter"),
        ask.text(given, "tree_filter"),
    )
    matching = {row["thread_id"] for row in query.select(connection, chosen, columns)}
    keys = sorted(
        ((by_thread[thread][-1]["start_time"], thread) for thread in matching), reverse=True
    )
    if cursor := ask.text(given, "cursor"):
        keys = [key for key in keys if key < query.decode(cursor)]
    limit = ask.size(given, "page_size", default=20, most=100)
    items = [_thread(store, thread, by_thread[thread]) for _, thread in keys[:limit]]
    return _paged(items, query.encode(keys[limit - 1]) if len(keys) > limit else None)


def _thread(store: Store, thread_id: str, turns: list[sqlite3.Row]) -> dict[str, Any]:
    found = _turns(store, [row["id"] for row in turns])
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
        "first_inputs": rows.preview(first["inputs"]),
        "last_outputs": rows.preview(last["outputs"]),
        "last_error": failed[-1]["error"][: rows.PREVIEW_CHARACTERS] if failed else None,
        "latency_p50": rows.percentile((row["latency"] for row in found), 0.5),
        "latency_p99": rows.percentile((row["latency"] for row in found), 0.99),
        "total_tokens": sum(row["total_tokens"] or 0 for row in found),
        "total_cost": sum(row["total_cost"] or 0.0 for row in found),
        "feedback_stats": _without_nulls(
            rows.feedback_of(store.connection(), [row["id"] for row in found])
        ),
    }
    return {name: value for name, value in item.items() if value is not None}


def _turns(store: Store, ids: list[str]) -> list[sqlite3.Row]:
    selection = Selection(where=(members("id", ids),), descending=False)
    return query.select(store.connection(), selection, "r.*")


def _in_thread(store: Store, given: dict[str, Any], project: str) -> Selection:
    return Selection(
        projects=_projects(store, given, project),
        where=(
            equal("is_root", 1),
            compile_filter(f"eq(thread_id, {json.dumps(given['thread_id'])})"),
            *_filter(given, "filter", "trace_filter"),
        ),
        tree_filter=ask.text(given, "tree_filter"),
        descending=False,
    )


def thread_traces(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``GET /threads/{thread_id}/traces``: the thread's turns, earliest first."""
    names = ["TRACE_ID", *_selects(given, (*TURN_FIELDS, TURN_NUMBER))]
    selection = _in_thread(store, given, "project_id")
    limit = ask.size(given, "page_size", default=20, most=100)
    page = query.page(store.connection(), selection, limit=limit, cursor=ask.text(given, "cursor"))
    beside = _beside(store, page.rows, origin)
    items = [_shown(row, names, beside, TURN_FIELDS) for row in page.rows]
    if TURN_NUMBER in names:
        whole = _in_thread(store, {k: given[k] for k in ("thread_id", "project_id")}, "project_id")
        places = [row["id"] for row in query.select(store.connection(), whole, "r.id")]
        for item, row in zip(items, page.rows, strict=True):
            item["turn_number"] = places.index(row["id"]) + 1
    return _paged(items, page.next)


def thread_stats(store: Store, given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Answer ``GET /threads/{thread_id}/stats``; at least one of ``selects`` is needed."""
    names = _selects(given, THREAD_STATS)
    if not names:
        raise Refusal(400, f"selects is required; it takes {', '.join(THREAD_STATS)}.")
    found = query.select(store.connection(), _in_thread(store, given, "session_id"), "r.*")
    every = {
        "turns": len(found),
        "first_start_time": iso(min((row["start_time"] for row in found), default=None)),
        "last_start_time": iso(max((row["start_time"] for row in found), default=None)),
        "last_end_time": iso(max((row["end_time"] or 0 for row in found), default=0) or None),
        "latency_p50": rows.percentile((row["latency"] for row in found), 0.5),
        "latency_p99": rows.percentile((row["latency"] for row in found), 0.99),
        **{name: sum(row[name] or 0 for row in found) for name in (*SUMMED, *PAID)},
        **_summed_details(store, [row["trace_id"] for row in found]),
        "feedback_stats": _without_nulls(
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


# --- the routes -----------------------------------------------------------------------------


def _answering(answer: Callable[[Store, dict[str, Any], str], Any]) -> Callable:
    async def endpoint(request: Request) -> Response:
        given = await _given(request)
        store: Store = request.app.state.store
        origin = f"{request.url.scheme}://{request.url.netloc}"

        def work() -> bytes:
            store.settle()
            return rows.encode(answer(store, given, origin))

        try:
            content = await run_in_threadpool(work)
        except FilterError as error:
            raise Refusal(400, str(error)) from error
        except QueryError as error:
            raise Refusal(error.status, str(error)) from error
        return Response(content, media_type="application/json")

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


routes: list[Route] = [
    Route("/runs/query", _answering(query_runs), methods=["POST"]),
    Route("/runs/{run_id}", _answering(retrieve_run), methods=["GET"]),
    Route("/runs/{run_id}/url", _answering(run_url), methods=["GET"]),
    Route("/traces/query", _answering(query_traces), methods=["POST"]),
    Route("/traces/{trace_id}/runs", _answering(trace_runs), methods=["GET"]),
    Route("/threads/query", _answering(query_threads), methods=["POST"]),
    Route("/threads/{thread_id}/traces", _answering(thread_traces), methods=["GET"]),
    Route("/threads/{thread_id}/stats", _answering(thread_stats), methods=["GET"]),
]
