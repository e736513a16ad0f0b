"""The routes of the pages: what is asked for, in a thread, becomes a page or a page that says why.

A browser comes with a cookie (see ``door``), and what it asks for changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.filtering.compile import FilterError
from helpers.langsmith_local.pages import addresses, comparing, lists, run, threads
from helpers.langsmith_local.pages.lists import Filled, Given, Missing
from helpers.langsmith_local.pages.rendering import HEADERS, rendered, stylesheet
from helpers.langsmith_local.parameters import asked_path
from helpers.langsmith_local.reading import v1_runs
from helpers.langsmith_local.reading.answering import answered
from helpers.langsmith_local.reading.query import QueryError
from helpers.langsmith_local.reading.turns import turn
from helpers.langsmith_local.state import state_of
from helpers.langsmith_local.store import Store
from helpers.serving.answer import answer
from helpers.serving.body import Body

__all__ = ["ROUTES"]

HTML = "text/html; charset=utf-8"
#: What a page of one run or thread says when it is not there.
ABSENT = (
    "There is no such {what} here. It may still be on its way: load the page again in a second. "
    "Or it was sent elsewhere, or deleted."
)

Show = Callable[[Store, Given], Filled]
Endpoint = Callable[[Request], Awaitable[Response]]


def _page(template: str, show: Show) -> Endpoint:
    """Return the endpoint that fills a template with what ``show`` returns."""

    async def endpoint(request: Request) -> Response:
        state = state_of(request.app)
        given = {**request.query_params, **request.path_params}
        given["runs"] = " ".join(request.query_params.getlist("run"))

        def work() -> tuple[Body, int]:
            store = state.store
            links = addresses.Links(asked_path(request), store.tenant_id)
            with turn():
                name, filled, status = _filled(template, show, store, given)
                body = Body()
                body.add(rendered(name, links=links, **filled))
            return body, status

        async with state.reading:
            body, status = await run_in_threadpool(work)
        made = answer(body, HTML)
        made.status_code = status
        made.headers.update(HEADERS)
        return made

    return endpoint


def _filled(template: str, show: Show, store: Store, given: Given) -> tuple[str, Filled, int]:
    """Return the template, what fills it and the status; of a refusal those that tell of it."""
    try:
        store.settle()
        filled = show(store, given)
        return template, filled, int(filled.get("http_status", 200))
    except Missing as error:
        return "missing.html", {"why": ABSENT.format(what=error), "title": "Not found"}, 404
    except (FilterError, QueryError, Refusal) as error:
        status = error.status if isinstance(error, Refusal) else 400
        return "missing.html", {"why": str(error), "title": "This cannot be read"}, status


async def _style(request: Request) -> Response:
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(stylesheet(), media_type="text/css", headers=headers)


async def _raw(request: Request) -> Response:
    """Answer with all of a run as the API's ``GET /runs/{id}`` has it, for the cookie of pages."""
    given = {"run_id": request.path_params["run_id"]}
    try:
        made = await answered(state_of(request.app), lambda store: v1_runs.read_run(store, given))
    except QueryError as error:
        raise Refusal(422, str(error), field=error.field) from error
    made.headers.update(HEADERS)
    return made


ROUTES: list[Route] = [
    Route("/", _page("projects.html", lists.of_projects), methods=["GET"]),
    Route(addresses.STYLE, _style, methods=["GET"]),
    Route(addresses.PROJECT, _page("project.html", lists.of_project), methods=["GET"]),
    Route(addresses.THREADS, _page("threads.html", threads.of_threads), methods=["GET"]),
    Route(addresses.COMPARE, _page("compare.html", comparing.of_two), methods=["GET"]),
    Route(addresses.RUN, _page("run.html", run.of_run), methods=["GET"]),
    Route(addresses.RAW, _raw, methods=["GET"]),
    Route(addresses.THREAD, _page("thread.html", threads.of_thread), methods=["GET"]),
]
