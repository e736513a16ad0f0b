"""Keeps pages of other sites in the learner's browser away from the services."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from helpers.serving.loopback import HOST, NAMES

__all__ = ["Guard", "objection"]


def objection(headers: Headers) -> str | None:
    """Return why a request with these headers is refused, or None.

    A ``Host`` that is not loopback means that a foreign name was made to point here (DNS
    rebinding); a foreign ``Origin`` means that a page of another site asks.
    """
    host = headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name not in NAMES:
        return f"Host {host!r} is not this machine: use http://{HOST}"
    origin = headers.get("origin")
    if origin is not None and origin.lower() != f"http://{host}".lower():
        return f"Origin {origin!r} is another site"
    return None


class Guard:
    """ASGI middleware that answers 403 to what ``objection`` objects to."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (why := objection(Headers(scope=scope))):
            await JSONResponse({"detail": why, "error": why}, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)
