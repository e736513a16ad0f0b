"""Let LangSmith be down for this process: nobody there, no answer, or an error for every request.

Nothing of LangSmith or LiteLLM is touched. Clients are led, by the same environment variables that
``helpers.session`` sets, to a place on this machine that behaves like a service in trouble. When
the trouble is over, that place hands on what it gets to the LangSmith from before.
"""

from __future__ import annotations

import asyncio
import os
import socket
from http import HTTPStatus
from typing import Any, Self

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpers.environment import LANGSMITH, Changes
from helpers.errors import TutorialError
from helpers.keys import Keys
from helpers.langsmith_local.app import INFO
from helpers.langsmith_local.door import TracesDoor
from helpers.langsmith_local.received import INGESTION
from helpers.lessons import log
from helpers.serving import loopback
from helpers.serving.guard import Guard
from helpers.serving.server import Server
from helpers.session import clients

__all__ = ["Outage", "start"]

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
WORKSPACE = ("LANGSMITH_WORKSPACE_ID", "LANGSMITH_TENANT_ID")
SILENT, GONE = "silent", "unreachable"
LOGS = ("langsmith", "LiteLLM")


class Outage:
    """LangSmith in trouble, from ``start`` to ``stop()``; also a context manager.

    ``statuses`` has the HTTP status of each request with runs that was answered, ``waiting`` counts
    those that were not, ``handed_on`` has the bodies that LangSmith got after all. ``log`` has what
    both libraries log meanwhile; it is not printed.
    """

    def __init__(self, trouble: str | int, *, times: int | None = None) -> None:
        self.statuses: list[int] = []
        self.waiting = 0
        self._status = trouble if isinstance(trouble, int) else None
        self._times = times
        self._troubled = 0
        self._home = os.environ.get("LANGSMITH_ENDPOINT") or LANGSMITH
        self._key = os.environ.get("LANGSMITH_API_KEY", "")
        # Who is led here is told of no workspace, and a key that reaches several needs one.
        self._workspace = next(filter(None, map(os.environ.get, WORKSPACE)), None)
        self.handed_on: list[bytes] = []
        self.log = log.keep(*LOGS)
        self._over: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changes = Changes(os.environ)
        self._server = None
        self._sockets: tuple[socket.socket, ...] = ()
        keys = Keys()
        if trouble == GONE:
            # Bound and never listening: nobody else gets the port, and connections are refused.
            self._sockets = loopback.bound()
            self.url = f"http://{loopback.name()}:{self._sockets[0].getsockname()[1]}"
        else:
            app = Starlette(routes=[Route("/{path:path}", self._answer, methods=METHODS)])
            self._server = Server(Guard(app, TracesDoor(keys.langsmith)), name="outage").start()
            self.url = self._server.url
        self._changes.point(self.url, keys, model=False, traces=True)
        clients.read_again()

    def end(self) -> None:
        """Let LangSmith be back at this address: what comes from now on, it gets.

        Requests that wait are answered with 503. An unreachable one cannot come back: ``stop`` it.
        """
        self._times = 0
        if self._loop is not None and self._over is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._over.set)

    async def heard(self, *words: str) -> str:
        """Wait for a line of the log that has all these words, and return it (``Log.heard``)."""
        return await self.log.heard(*words)

    def stop(self) -> None:
        """End the trouble and give the environment back; twice does no harm.

        Requests that wait are answered with 503.
        """
        self._changes.restore()
        clients.read_again()
        self.end()
        self.log.stop()
        if self._server is not None:
            self._server.stop()
        for each in self._sockets:
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    async def _answer(self, request: Request) -> Response:
        body = await request.body()  # a client that is still sending would see a reset
        runs = request.method == "POST" and request.url.path.endswith(INGESTION)
        if self._times is not None and (not runs or self._troubled >= self._times):
            answer = await self._handed_on(request, body) if runs else JSONResponse(INFO)
        else:
            self._troubled += runs
            if self._status is None:
                await self._hold(runs)
                return _error(HTTPStatus.SERVICE_UNAVAILABLE)
            answer = _error(HTTPStatus(self._status))
        if runs:
            self.statuses.append(int(answer.status_code))
        return answer

    async def _handed_on(self, request: Request, body: bytes) -> Response:
        """Return what the LangSmith from before says; who has no key for it has none."""
        if not self._key:
            return JSONResponse({}, HTTPStatus.ACCEPTED)
        kept = {"content-type", "content-encoding", "x-tenant-id"}
        headers = {name: value for name, value in request.headers.items() if name in kept}
        headers["x-api-key"] = self._key
        if self._workspace is not None:
            headers["x-tenant-id"] = self._workspace
        try:
            async with httpx.AsyncClient(timeout=30) as client:
                url = f"{self._home.rstrip('/')}{request.url.path}"
                answer = await client.post(url, content=body, headers=headers)
        except httpx.HTTPError:
            return _error(HTTPStatus.BAD_GATEWAY)
        self.handed_on.append(body)
        return JSONResponse(answer.json(), answer.status_code)

    async def _hold(self, runs: bool) -> None:
        if self._over is None:
            self._over, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self.waiting += runs
        await self._over.wait()


def start(trouble: str | int, *, times: int | None = None) -> Outage:
    """Begin an outage: ``unreachable``, ``silent`` or the HTTP status that requests are answered.

    From now until ``stop()`` the environment leads LangSmith's SDK and LiteLLM's callback there,
    with a key that opens nothing. A client that was made before keeps its address. ``times`` lets
    that many requests with runs fail and hands on what comes after. Raises ``TutorialError`` for
    trouble that there is not.
    """
    known: tuple[Any, ...] = (GONE, SILENT, *(each for each in HTTPStatus if each >= 400))
    if trouble not in known:
        raise TutorialError(
            f"{trouble!r} is no trouble. There are {GONE}, {SILENT} and HTTP statuses from 400 on."
        )
    return Outage(trouble, times=times)


def _error(status: HTTPStatus) -> JSONResponse:
    headers = {"retry-after": "1"} if status == HTTPStatus.TOO_MANY_REQUESTS else None
    return JSONResponse({"detail": status.phrase}, status, headers=headers)
