"""A hub's proxy in small: a port of this machine below a prefix, by the hub's own name.

As jupyter-server-proxy 4.6.0 does (handlers.py): the browser's headers are passed on, ``Host``
among them, and ``X-Forwarded-Context`` says where the proxy stands.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.serving.opened import serving

__all__ = ["HOST", "hub"]

HOST = "hub.example"
KEPT = ("content-type", "location", "set-cookie")


@contextlib.contextmanager
def hub(prefix: str) -> Iterator[str]:
    """Serve ``prefix``proxy/PORT/… for every port; the value is the address of the hub itself."""

    async def passed(request: Request) -> Response:
        port = request.path_params["port"]
        given = {**request.headers, "x-forwarded-context": f"{prefix}proxy/{port}"}
        path = request.scope["raw_path"].decode().removeprefix(given["x-forwarded-context"])
        asked = f"http://localhost:{port}{path or '/'}?{request.url.query}"
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.request(request.method, asked, headers={**given, "host": HOST})
        headers = {name: value for name, value in answer.headers.items() if name in KEPT}
        return Response(answer.content, answer.status_code, headers)

    methods = ["GET", "POST", "DELETE"]
    path = prefix + "proxy/{port:int}{rest:path}"
    with serving(Starlette(routes=[Route(path, passed, methods=methods)])) as url:
        yield url
