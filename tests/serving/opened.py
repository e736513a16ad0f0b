"""An application served as it is, to whoever asks: for tests of something else than the guard."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from starlette.types import ASGIApp

from helpers.serving import server
from helpers.serving.guard import Door, Guard

__all__ = ["serving"]


@contextlib.contextmanager
def serving(app: ASGIApp, *, port: int = 0, name: str = "server") -> Iterator[str]:
    """Serve ``app`` on this machine without a key; the value is its address."""
    with server.serving(Guard(app, Door(None)), port=port, name=name) as url:
        yield url
