"""Let LangSmith be down for this process: nobody there, no answer, or an error for every request.

Nothing of LangSmith or LiteLLM is touched. Clients are led, by the same environment variables that
``helpers.session`` sets, to a place on this machine that behaves like a service in trouble.
"""

from __future__ import annotations

import asyncio
import os
import socket
from http import HTTPStatus
from typing import Any, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpers.environment import Changes
from helpers.errors import TutorialError
from helpers.keys import Keys
from helpers.langsmith_local.app import INFO
from helpers.langsmith_local.door import TracesDoor
from helpers.langsmith_local.received import INGESTION
from helpers.serving import loopback
from helpers.serving.guard import Guard
from helpers.serving.server import Server

__all__ = ["Outage", "start"]

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
SILENT, GONE = "silent", "unreachable"


class Outage:
    """LangSmith in trouble, from ``start`` to ``stop()``; also a context manager.

    ``statuses`` has the HTTP status of each request with runs that was answered, ``waiting`` counts
    those that were not. What is accepted is thrown away.
    """

    def __init__(self, trouble: str | int, *, times: int | None = None) -> None:
        self.statuses: list[int] = []
        self.waiting = 0
        self._status = trouble if isinstance(trouble, int) else None
        self._times = times
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

    def stop(self) -> None:
        """End the trouble and give the environment back; twice does no harm.

        Requests that wait are answered with 503.
        """
        self._changes.restore()
        if self._loop is not None and self._over is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._over.set)
        if self._server is not None:
            self._server.stop()
        for each in self._sockets:
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    async def _answer(self, request: Request) -> Response:
        await request.body()  # a client that is still sending would see a reset, not the status
        runs = request.method == "POST" and request.url.path.endswith(INGESTION)
        if self._status is None:
            await self._hold(runs)
            return _error(HTTPStatus.SERVICE_UNAVAILABLE)
        healthy = self._times is not None and (not runs or len(self.statuses) >= self._times)
        status = HTTPStatus.ACCEPTED if healthy else HTTPStatus(self._status)
        if runs:
            self.statuses.append(int(status))
        return JSONResponse(INFO if not runs else {}, status) if healthy else _error(status)

    async def _hold(self, runs: bool) -> None:
        if self._over is None:
            self._over, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self.waiting += runs
        await self._over.wait()


def start(trouble: str | int, *, times: int | None = None) -> Outage:
    """Begin an outage: ``unreachable``, ``silent`` or the HTTP status that requests are answered.

    From now until ``stop()`` the environment leads LangSmith's SDK and LiteLLM's callback there,
    with a key that opens nothing. A client that was made before keeps its address. ``times`` lets
    that many requests with runs fail and accepts what comes after. Raises ``TutorialError`` for
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
