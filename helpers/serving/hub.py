"""A hub's own way to this machine's services, for a browser that is on another machine.

Under JupyterHub a learner's server is at a prefix such as ``/user/ada/``, and with
jupyter-server-proxy a port of its machine is at ``/user/ada/proxy/PORT/``, for who is logged in
there. That proxy passes on the browser's ``Host``, and says in ``X-Forwarded-Context`` at which
path it stands, whatever the browser has said there (jupyter-server-proxy 4.6.0, handlers.py).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

__all__ = ["PREFIX", "forwarded", "through"]

PREFIX = "JUPYTERHUB_SERVICE_PREFIX"
FORWARDED = "x-forwarded-context"


def through(url: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the path by which a browser at the hub gets to ``url``, an address of this machine.

    None where there is no hub, or none whose proxy is known to be there.
    """
    parts = urlsplit(url)
    there = _place(parts.port, environ)
    if there is None or find_spec("jupyter_server_proxy") is None:
        return None
    return f"{there}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def forwarded(request: HTTPConnection, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the path of this service at the hub, if the hub's proxy says that it sent the request.

    Anybody can say so: it proves nothing of who asks.
    """
    port = (request.scope.get("server") or (None, None))[1]
    there = _place(port, environ)
    return there if there is not None and request.headers.get(FORWARDED) == there else None


def _place(port: int | None, environ: Mapping[str, str]) -> str | None:
    prefix = environ.get(PREFIX, "")
    # What begins with two slashes would be another host's.
    if port is None or not prefix.startswith("/") or prefix.startswith("//"):
        return None
    return f"{prefix.rstrip('/')}/proxy/{port}"
