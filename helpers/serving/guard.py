"""The one guard of every service on this machine: who may come in, by which door.

A port on loopback is open to every user of the machine and to every page in a browser on it. So
each request needs the key of the door that it comes to; with the key it must also call the service
by a name of this machine (a foreign ``Host`` means DNS rebinding) and come from no other site's
page. Whoever has no key is told 401 and nothing else.

Starlette's ``TrustedHostMiddleware`` and ``AuthenticationMiddleware`` would do half of it, and
answer in plain text, which no client of ours reads.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from helpers.serving.body import forget
from helpers.serving.failures import FailureLog, run
from helpers.serving.loopback import NAMES

__all__ = ["Door", "Guard", "Objection", "objection", "same"]

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"))


@dataclass(frozen=True)
class Objection:
    """Why a request is refused, and with which HTTP status; ``key`` is the one it came with."""

    status: int
    why: str
    key: str | None = None


class Door:
    """One way into a service: the key that opens it, None for a door that is open to all.

    By itself it takes the key as OpenAI's API does, in ``Authorization: Bearer``; another service
    says in a subclass where its clients put theirs, what else opens, and in which words it refuses.
    """

    def __init__(self, key: str | None) -> None:
        self.key = key

    def given(self, headers: Headers) -> str | None:
        """Return the key that a request brings, or None."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        return key.strip() or None if scheme.lower() == "bearer" else None

    def opens(self, request: HTTPConnection) -> bool:
        """Whether the request may come in."""
        return self.key is None or same(self.given(request.headers), self.key)

    def welcome(self, request: HTTPConnection) -> Response | None:
        """Return what to answer in place of the service, such as a redirect, or None."""
        return None

    def is_page(self, path: str) -> bool:
        """Whether a browser opens ``path`` as a page, also by a link on another site."""
        return False

    def by_another_name(self, request: HTTPConnection) -> bool:
        """Whether a request that the door lets in may call the service by a name of another host.

        Nothing may, but what a subclass knows to be safe from DNS rebinding.
        """
        return False

    def refuse(self, request: HTTPConnection, why: Objection) -> Response:
        """Return the refusal in the service's words."""
        return JSONResponse({"detail": why.why, "error": why.why}, why.status)


class Guard:
    """An ASGI application behind doors: ``door`` says which of them a path leads to.

    A failure of the application is answered in the words of the door, and told in the file ``log``
    in one line.
    """

    def __init__(
        self, app: ASGIApp, door: Door | Callable[[str], Door], *, log: Path | None = None
    ) -> None:
        self.app = app
        self._door = (lambda _: door) if isinstance(door, Door) else door
        self._log = FailureLog(log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        door = self._door(scope["path"])
        answer = door.welcome(request)
        if answer is None and (why := objection(request, door)):
            answer = door.refuse(request, why)
        failed = _Failed(door, request)
        try:
            await run(answer or self.app, failed, self._log, scope, receive, send)
        finally:
            forget(scope)


class _Failed:
    """The answer to a request that the application failed on; made only when it is needed."""

    def __init__(self, door: Door, request: HTTPConnection) -> None:
        self._door, self._request = door, request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = f"{scope['method']} {scope['path']}"
        why = Objection(500, f"The service failed on {asked}, which is its own fault")
        await self._door.refuse(self._request, why)(scope, receive, send)


def objection(request: HTTPConnection, door: Door) -> Objection | None:
    """Return why a request is refused at ``door``, or None.

    The key comes first: who has none learns nothing, not even which of the other rules there are.
    """
    if not door.opens(request):
        return Objection(401, "A key is needed.", door.given(request.headers))
    headers, method = request.headers, request.scope["method"]
    host = headers.get("host", "")
    if _name(host) not in NAMES and not door.by_another_name(request):
        return Objection(403, f"Host {host!r} is not this machine: use http://{NAMES[0]}")
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{host}".lower():
        return Objection(403, f"Origin {origin!r} is another site")
    site = headers.get("sec-fetch-site", "none")
    opened = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    if site not in ("none", "same-origin") and not (opened and door.is_page(request.url.path)):
        return Objection(403, f"Sec-Fetch-Site {site!r} is another site")
    if method not in METHODS:
        return Objection(405, f"Method {method!r} is not one of {', '.join(sorted(METHODS))}")
    return None


def same(given: str | None, expected: str) -> bool:
    """Whether two keys are one, in a time that does not tell how much of them agrees."""
    return given is not None and hmac.compare_digest(given.encode(), expected.encode())


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
