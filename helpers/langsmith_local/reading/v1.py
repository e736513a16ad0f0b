"""Reading runs, the first generation of LangSmith's API: ``/runs/query``, ``/runs/{id}`` and so on.

Shapes follow RunSchema, BodyParamsForRunsQuerySchema and RunStats of LangSmith's OpenAPI document.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpers.langsmith_local import body as bodies
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.filtering.compile import FilterError, compile_filter
from helpers.langsmith_local.filtering.condition import Condition, among, equal, members
from helpers.langsmith_local.filtering.search import search_condition
from helpers.langsmith_local.reading import arguments as ask
from helpers.langsmith_local.reading import query, rows
from helpers.langsmith_local.reading.kept import kept_statistics
from helpers.langsmith_local.reading.query import QueryError, Selection
from helpers.langsmith_local.reading.selects import Field, column, decoded, instant
from helpers.langsmith_local.schema import RUN_TYPES
from helpers.langsmith_local.state import state_of
from helpers.langsmith_local.store import Store

__all__ = ["ROUTES", "selection"]

MAX_LIMIT = 100
FILTERS = ("filter", "search_filter", "trace_filter", "tree_filter")
# What a query without any of these would mean, LangSmith does not answer either.
SCOPES = ("session", "id", "parent_run", "trace", "reference_example")

COLUMN_OF = {"parent_run": "parent_run_id", "reference_example": "reference_example_id"}

# Always in the answer, selected or not: RunSchema requires the first, the SDK expects the others.
ALWAYS = (
    *("id", "name", "run_type", "start_time", "status", "trace_id", "dotted_order"),
    *("session_id", "app_path", *rows.DETAILS),
)
DEFAULT_SELECT = (
    *ALWAYS,
    *("end_time", "error", "extra", "events", "inputs", "outputs", "parent_run_id", "serialized"),
    *("parent_run_ids", "reference_example_id", "total_tokens", "prompt_tokens"),
    *("completion_tokens", "total_cost", "prompt_cost", "completion_cost", "first_token_time"),
    *("feedback_stats", "tags", "in_dataset", "thread_id", "s3_urls", "execution_order"),
)


def _tokens(name: str) -> Field:
    return lambda row, _: row[name] or 0


def _cost(name: str) -> Field:
    return lambda row, _: rows.money(row[name])


def _details(name: str) -> Field:
    def field(row: sqlite3.Row, _: rows.Beside) -> Any:
        found = rows.details(row)[name]
        if found is None or "token" in name:
            return found
        return {key: rows.money(float(dollars)) for key, dollars in found.items()}

    return field


def _s3_urls(row: sqlite3.Row, beside: rows.Beside) -> Any:
    return {
        f"attachment.{name}": {"presigned_url": path, "mime_type": mime_type}
        for name, (path, mime_type) in beside.attachments.get(row["id"], {}).items()
    } or None


FIELDS: dict[str, Field] = {
    **{name: column(name) for name in ("id", "name", "run_type", "status", "error", "trace_id")},
    **{name: column(name) for name in ("dotted_order", "parent_run_id", "thread_id")},
    **{name: column(name) for name in ("reference_example_id",)},
    **{name: instant(name) for name in ("start_time", "end_time", "first_token_time")},
    **{name: decoded(name) for name in ("inputs", "outputs", "events", "serialized", "tags")},
    **{name: _tokens(name) for name in ("total_tokens", "prompt_tokens", "completion_tokens")},
    **{name: _cost(name) for name in ("total_cost", "prompt_cost", "completion_cost")},
    **{name: _details(name) for name in rows.DETAILS},
    "execution_order": lambda row, _: row["execution_order"] or 1,
    "session_id": column("project_id"),
    "manifest": decoded("serialized"),
    "inputs_preview": lambda row, _: rows.preview(row["inputs"]),
    "outputs_preview": lambda row, _: rows.preview(row["outputs"]),
    "parent_run_ids": lambda row, _: rows.ancestors(row["dotted_order"]),
    "app_path": lambda row, beside: rows.app_path(row, beside.tenant_id),
    "extra": lambda row, _: rows.extra(row),
    "feedback_stats": lambda row, beside: beside.feedback.get(row["id"]),
    "s3_urls": _s3_urls,
    "in_dataset": lambda row, _: False,
    "share_token": lambda row, _: None,
}


def selection(body: dict[str, Any]) -> Selection:
    """Return what a query body selects; raise ``QueryError`` or ``FilterError`` where it is wrong.

    With ``id`` all else is ignored, as LangSmith does. ``end_time`` bounds the start time from
    above, so that both times make a window.
    """
    order = ask.one_of(body, "order", ("asc", "desc")) or "desc"
    if ids := ask.uuids(body, "id"):
        return Selection(where=(members("id", ids),), descending=order == "desc")
    if not any(body.get(scope) for scope in SCOPES):
        raise Refusal(400, f"At least one of {', '.join(SCOPES)} must be given.")
    return Selection(
        projects=tuple(dict.fromkeys(ask.uuids(body, "session"))),
        where=tuple(_conditions(body)),
        trace_filter=ask.text(body, "trace_filter"),
        tree_filter=ask.text(body, "tree_filter"),
        descending=order == "desc",
    )


def _conditions(body: dict[str, Any]) -> list[Condition]:
    found = []
    if trace := ask.uuids(body, "trace"):
        found.append(members("trace_id", trace))
    for name, field in COLUMN_OF.items():
        if ids := ask.uuids(body, name):
            found.append(among(field, ids))
    if run_type := ask.one_of(body, "run_type", RUN_TYPES):
        found.append(equal("run_type", run_type))
    if (execution_order := ask.whole(body, "execution_order")) is not None:
        found.append(equal("execution_order", execution_order))
    if (is_root := ask.flag(body, "is_root")) is not None:
        found.append(equal("is_root", int(is_root)))
    if (error := ask.flag(body, "error")) is not None:
        found.append(compile_filter(f"{'neq' if error else 'eq'}(error, null)"))
    for name, op in (("start_time", ">="), ("end_time", "<=")):
        if (time := ask.when(body, name)) is not None:
            found.append(equal("start_time", time, op=op))
    if text := ask.text(body, "query"):
        found.append(search_condition(text))
    for name in ("filter", "search_filter"):
        if text := ask.text(body, name):
            found.append(compile_filter(text))
    return found


def _names(body: dict[str, Any]) -> tuple[str, ...]:
    chosen = body.get("select")
    if chosen is None:
        return DEFAULT_SELECT
    if not isinstance(chosen, list) or not all(isinstance(name, str) for name in chosen):
        raise QueryError("select is a list of field names.", field="select")
    return tuple(dict.fromkeys((*ALWAYS, *chosen)))


def _shown(store: Store, found: list[sqlite3.Row], names: tuple[str, ...]) -> list[dict[str, Any]]:
    beside = rows.beside(store, [row["id"] for row in found])
    fields = [(name, FIELDS[name]) for name in names if name in FIELDS]
    return [{name: field(row, beside) for name, field in fields} for row in found]


# --- the routes -----------------------------------------------------------------------------


def query_runs(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    """Answer ``POST /runs/query`` with a page of runs and the cursor of the next."""
    cursor = ask.text(body, "cursor")
    names, limit = _names(body), ask.size(body, "limit", default=MAX_LIMIT, most=MAX_LIMIT)
    page = query.page(store.connection(), selection(body), limit=limit, cursor=cursor)
    return {
        "runs": _shown(store, page.rows, names),
        "cursors": {"next": page.next, "prev": None},
        "parsed_query": None,
    }


def read_run(store: Store, run_id: str) -> dict[str, Any]:
    """Answer ``GET /runs/{id}``; 404 when there is no such run."""
    ids = ask.uuids({"run_id": run_id}, "run_id")
    found = query.page(store.connection(), Selection(where=(members("id", ids),)), limit=1)
    if not found.rows:
        raise Refusal(404, "Run not found")
    return _shown(store, found.rows, DEFAULT_SELECT)[0]


def validate(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    """Answer ``POST /runs/query/validate``: which filters of a query cannot be read, and why."""
    errors = []
    for name in FILTERS:
        try:
            if text := ask.text(body, name):
                compile_filter(text)
        except (FilterError, QueryError) as error:
            errors.append({"field": name, "message": str(error)})
    return {"valid": not errors, "errors": errors}


def stats(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    """Answer ``POST /runs/stats``; groups are not served."""
    if body.get("group_by"):
        raise Refusal(501, "The local LangSmith serves POST /runs/stats without group_by.")
    return kept_statistics(store, selection(body))


def _answering(
    answer: Callable[[Store, Any], Any], *, reads_body: bool = True
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if reads_body:
            given = await bodies.read_object(request)
        else:
            given = request.path_params["run_id"]
        store = state_of(request.app).store

        def work() -> Any:
            store.settle()
            return answer(store, given)

        try:
            content = await run_in_threadpool(work)
        except FilterError as error:
            raise Refusal(400, str(error)) from error
        except QueryError as error:
            place = "body" if reads_body else "path"
            detail = [{"loc": [place, error.field], "msg": str(error), "type": "value_error"}]
            return _json_response({"detail": detail}, 422)
        return _json_response(content)

    return endpoint


def _json_response(content: Any, status: int = 200) -> Response:
    return Response(rows.encode(content), status, media_type="application/json")


ROUTES: list[Route] = [
    Route("/runs/query", _answering(query_runs), methods=["POST"]),
    Route("/runs/query/validate", _answering(validate), methods=["POST"]),
    Route("/runs/stats", _answering(stats), methods=["POST"]),
    Route("/runs/{run_id}", _answering(read_run, reads_body=False), methods=["GET"]),
]
