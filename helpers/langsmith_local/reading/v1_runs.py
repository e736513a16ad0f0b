"""Reading runs, the first generation of LangSmith's API: ``/runs/query``, ``/runs/{id}`` and so on.

Shapes follow RunSchema, BodyParamsForRunsQuerySchema and RunStats of LangSmith's OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpers.langsmith_local import body as bodies
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.filtering.compile import FilterError, compile_filter
from helpers.langsmith_local.filtering.condition import Condition, among, equal, members
from helpers.langsmith_local.filtering.search import search_condition
from helpers.langsmith_local.parameters import truth, unserved
from helpers.langsmith_local.reading import arguments as ask
from helpers.langsmith_local.reading import query
from helpers.langsmith_local.reading.answering import answered
from helpers.langsmith_local.reading.kept import kept_statistics
from helpers.langsmith_local.reading.query import QueryError, Selection
from helpers.langsmith_local.reading.v1_fields import DEFAULT_SELECT, names, shown
from helpers.langsmith_local.schema import RUN_TYPES
from helpers.langsmith_local.state import state_of
from helpers.langsmith_local.store import Store

__all__ = ["ROUTES", "selection"]

MAX_LIMIT = 100
FILTERS = ("filter", "search_filter", "trace_filter", "tree_filter")
# What a query without any of these would mean, LangSmith does not answer either.
SCOPES = ("session", "id", "parent_run", "trace", "reference_example")

# Where LangSmith may look; the first two hold all runs, and here there is one place.
SOURCES = ("current", "historical", "lite", "root_lite", "runs_feedbacks_rmt_wide")
ALL_RUNS = SOURCES[:2]

# What would be ignored, and why. Neither SDK sends any of it unless its caller does.
UNSERVED = {
    "use_experimental_search": "it has one search",
    "include_messages": "it has no messages beside inputs and outputs",
    "groups": "nor group_by",
}
UNPAGED = {"skip_pagination": "each page has a cursor where more follows"}

COLUMN_OF = {"parent_run": "parent_run_id", "reference_example": "reference_example_id"}


def selection(body: dict[str, Any]) -> Selection:
    """Return what a query body selects; raise ``QueryError`` or ``FilterError`` where it is wrong.

    With ``id`` all else is ignored, as LangSmith does. ``end_time`` bounds the start time from
    above, so that both times make a window.
    """
    unserved(body, UNSERVED)
    order = ask.one_of(body, "order", ("asc", "desc")) or "desc"
    if (source := ask.one_of(body, "data_source_type", SOURCES)) and source not in ALL_RUNS:
        said = f"data_source_type {source} is not served here; {' and '.join(ALL_RUNS)} are."
        raise QueryError(said, field="data_source_type")
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
    if ask.one_of(body, "execution_order", (1,)):
        found.append(compile_filter("eq(execution_order, 1)"))
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


# --- the routes -----------------------------------------------------------------------------


def query_runs(store: Store, body: dict[str, Any]) -> dict[str, Any]:
    """Answer ``POST /runs/query`` with a page of runs and the cursor of the next."""
    unserved(body, UNPAGED)
    ask.flag(body, "skip_prev_cursor")  # there never is one
    cursor = ask.text(body, "cursor")
    chosen, limit = names(body), ask.size(body, "limit", default=MAX_LIMIT, most=MAX_LIMIT)
    page = query.page(store.connection(), selection(body), limit=limit, cursor=cursor)
    return {
        "runs": shown(store, page.rows, chosen),
        "cursors": {"next": page.next, "prev": None},
        "parsed_query": None,
    }


def read_run(store: Store, given: dict[str, Any]) -> dict[str, Any]:
    """Answer ``GET /runs/{id}``; 404 when there is no such run."""
    flags = ("include_messages", "exclude_s3_stored_attributes", "exclude_serialized")
    chosen = {name: truth(given.get(name), name) for name in flags}
    unserved(chosen, UNSERVED)
    without = {"serialized"} if chosen["exclude_serialized"] else set()
    ids = ask.uuids(given, "run_id")
    found = query.page(store.connection(), Selection(where=(members("id", ids),)), limit=1)
    if not found.rows:
        raise Refusal(404, "Run not found")
    return shown(store, found.rows, [name for name in DEFAULT_SELECT if name not in without])[0]


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
    """Answer ``POST /runs/stats``; groups, and a few of the numbers, are not served."""
    if body.get("group_by"):
        raise Refusal(501, "The local LangSmith serves POST /runs/stats without group_by.")
    found, chosen = kept_statistics(store, selection(body)), body.get("select")
    if chosen is None:
        return found
    if not isinstance(chosen, list) or None in chosen:
        raise QueryError("select is a list of names of statistics.", field="select")
    for name in chosen:
        ask.one_of({"select": name}, "select", tuple(found))
    return {name: found[name] for name in chosen}


def _answering(
    answer: Callable[[Store, Any], Any], *, reads_body: bool = True
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if reads_body:
            given = await bodies.read_object(request)
        else:
            given = {**request.query_params, **request.path_params}

        def read(store: Store) -> Any:
            store.settle()
            return answer(store, given)

        try:
            return await answered(state_of(request.app), read)
        except FilterError as error:
            raise Refusal(400, str(error)) from error
        except QueryError as error:
            raise Refusal(422, str(error), field=error.field) from error

    return endpoint


ROUTES: list[Route] = [
    Route("/runs/query", _answering(query_runs), methods=["POST"]),
    Route("/runs/query/validate", _answering(validate), methods=["POST"]),
    Route("/runs/stats", _answering(stats), methods=["POST"]),
    Route("/runs/{run_id}", _answering(read_run, reads_body=False), methods=["GET"]),
]
