"""The local LangSmith as one ASGI application."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from helpers.langsmith_local import feedback, pages, projects
from helpers.langsmith_local.database import DatabaseError, failure
from helpers.langsmith_local.door import TracesDoor
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest import routes as ingest
from helpers.langsmith_local.pages.refused import told
from helpers.langsmith_local.reading import prepare, sessions, v1_runs, v2
from helpers.langsmith_local.received import Recorder
from helpers.langsmith_local.replica import Replica
from helpers.langsmith_local.state import State, state_of
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import iso
from helpers.langsmith_local.writer import Writer
from helpers.serving.bounds import SENT_BYTES
from helpers.serving.state import keep

__all__ = ["INFO", "READABLE_AFTER", "create_app"]

READABLE_AFTER = "tutorial_readable_after"  # seconds, the flag of GET /info
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WORKSPACE_MADE = 0  # microseconds since 1970
V1_PREFIXES = ("", "/api/v1")
V2_PREFIXES = ("/api/v2", "/v2")

#: GET /info. It decides how SDKs send: multipart, compressed, feedback along with runs. A key of
#: batch_ingest_config that is missing ends the Python SDK's sending thread.
INFO: dict[str, Any] = {
    "version": "0.18.0",
    "license_expiration_time": None,
    "batch_ingest_config": {
        "use_multipart_endpoint": True,
        "size_limit": 100,
        "size_limit_bytes": SENT_BYTES,
        "scale_up_qsize_trigger": 1000,
        "scale_up_nthreads_limit": 16,
        "scale_down_nempty_trigger": 4,
    },
    "instance_flags": {
        "zstd_compression_enabled": True,
        "gzip_body_enabled": True,
        "ch_query_enabled": True,
        "sdb_query_enabled": True,
    },
}


def create_app(database: Path, *, door: TracesDoor | None = None, lag: float = 0.0) -> Starlette:
    """Return the service over the SQLite file ``database``, which is made when missing.

    It is served behind a ``Guard`` with ``door``, by which it signs the addresses of attachments;
    by default one that is open to all. What is written becomes readable up to ``lag`` seconds
    later, in an order that may differ. ``state_of(app)`` gives its ``State``.
    """
    door = door or TracesDoor(None)
    store = Store(database, signed=door.signed)
    with store.writing() as connection:
        projects.ensure(connection, projects.DEFAULT, WORKSPACE_MADE)
    state = State(store, door, lag=lag)
    app = Starlette(
        routes=_under(V1_PREFIXES, V1) + _under(V2_PREFIXES, v2.ROUTES) + pages.ROUTES,
        middleware=[Middleware(Recorder, log=state.requests)],
        exception_handlers={Refusal: _refusal, HTTPException: _http_error, Exception: _failure},
        lifespan=_lifespan,
    )
    for kind in (DatabaseError, sqlite3.Error):
        app.add_exception_handler(kind, _unusable)
    app.router.redirect_slashes = False
    app.router.default = _unknown_route
    keep(app, state)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    state = state_of(app)
    if state.lag:
        state.replica = Replica(state.written, state.lag)
    state.writer = writer = Writer(lambda: _tended(state))
    yield
    state.writer = None
    writer.stop()
    if state.replica is not None:
        state.replica.close()
        state.replica = None
    state.written.close()


def _tended(state: State) -> bool:
    """Do a portion of what was put off; return whether more is left."""
    more = state.tend()
    if not more:
        prepare(state.store)
    return more


def _under(prefixes: tuple[str, ...], routes: list[Route]) -> list[Route]:
    return [
        Route(prefix + route.path, route.endpoint, methods=list(route.methods or ()))
        for prefix in prefixes
        for route in routes
    ]


async def _unknown_route(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    await told(request, _unserved(request))(scope, receive, send)


async def _sibling(request: Request) -> Response:
    raise _unserved(request)


def _unserved(request: Request) -> Refusal:
    served = sorted({f"{method} {route.path}" for method, route in _served(request.app)})
    message = (
        f"The local LangSmith does not serve {request.method} {request.url.path}. "
        "LangSmith itself may: set LANGSMITH_API_KEY and TUTORIAL_MODE=live to use it. "
        f"Served here: {', '.join(served)}"
    )
    return Refusal(501, message)


def _served(app: Starlette) -> list[tuple[str, Route]]:
    return [
        (method, route)
        for route in app.router.routes
        if isinstance(route, Route) and not route.path.startswith(("/api/v1", "/v2"))
        if route.endpoint is not _sibling
        for method in (route.methods or ())
        if method != "HEAD"
    ]


def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return told(request, error)


def _unusable(request: Request, error: Exception) -> Response:
    """Answer for a database that is locked, full, damaged, or gone."""
    assert isinstance(error, (DatabaseError, sqlite3.Error))
    path = state_of(request.app).store.path
    found = failure(error, path) if isinstance(error, sqlite3.Error) else error
    if found is None:
        raise error
    taking_in = request.scope.get("endpoint") in _TAKING_IN
    stored = "".join(getattr(error, "__notes__", ())) or "Nothing of this request was stored."
    message = f"{found} {stored}" if taking_in else str(found)
    refusal = Refusal(found.status, message, key="error" if taking_in else "detail")
    response = told(request, refusal)
    # The SDKs try again after a 503. After a 507 it would not help; those of v2 obey this header.
    again = {"Retry-After": "1"} if found.status == 503 else {"X-Should-Retry": "false"}
    response.headers.update(again)
    return response


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code != 405:
        return told(request, Refusal(error.status_code, error.detail))
    routes = [route for route in request.app.router.routes if isinstance(route, Route)]
    allowed = sorted(
        method
        for route in routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in (route.methods or ())
    )
    message = f"Method {request.method} is not allowed on {request.url.path}: {', '.join(allowed)}"
    response = told(request, Refusal(405, message))
    response.headers["Allow"] = ", ".join(allowed)
    return response


def _failure(request: Request, error: Exception) -> Response:
    message = f"The local LangSmith failed on {request.method} {request.url.path}: {error!r}"
    return told(request, Refusal(500, message))


async def _info(request: Request) -> Response:
    # LangSmith says nothing of the kind. Who reads here need not guess how long to wait.
    flags = {**INFO["instance_flags"], READABLE_AFTER: state_of(request.app).lag}
    return JSONResponse({**INFO, "instance_flags": flags})


async def _ok(request: Request) -> Response:
    return JSONResponse({"ok": True})


async def _settings(request: Request) -> Response:
    created = iso(WORKSPACE_MADE)
    return JSONResponse(
        {
            "id": state_of(request.app).store.tenant_id,
            "display_name": "This machine",
            "tenant_handle": None,
            "created_at": created,
        }
    )


# Routes of LangSmith's OpenAPI document that would be taken for a run's or a feedback's id.
SIBLINGS = (
    *(f"/runs/{name}" for name in ("rules", "group", "delete", "generate-query")),
    *(f"/feedback/{name}" for name in ("tokens", "formulas", "eager")),
)
V1: list[Route] = [
    *(Route(path, _sibling, methods=list(METHODS)) for path in SIBLINGS),
    *(*ingest.ROUTES, *projects.ROUTES, *sessions.ROUTES, *feedback.ROUTES),
    Route("/info", _info, methods=["GET"]),
    Route("/ok", _ok, methods=["GET"]),
    Route("/settings", _settings, methods=["GET"]),
    *v1_runs.ROUTES,
]
_TAKING_IN = {route.endpoint for route in ingest.ROUTES}
