"""A request's body: read within its bounds, and kept where it costs little until it is needed.

What is small stays in memory. What is larger waits in a temporary file: two hundred senders may
send at once, and one body is worked on at a time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

from starlette.requests import Request
from starlette.types import Scope

from helpers.errors import TutorialError
from helpers.serving.bounds import DRAINED_BYTES, SENT_BYTES, SMALL_BYTES
from helpers.serving.memory import give_back

__all__ = ["Body", "TooLarge", "forget", "received", "receive"]

PIECE = 64 * 1024  # bytes; two hundred may wait with one each
_PLACE = "tutorial.body"


class TooLarge(TutorialError):
    """A body that is above a bound; the message names it."""


class Body:
    """What there is of a body so far: ``size`` is that on the wire, in bytes."""

    def __init__(self) -> None:
        self.size = 0
        self._chunks: list[bytes] = []
        self._file: IO[bytes] | None = None

    def add(self, chunk: bytes) -> None:
        """Keep one more piece."""
        self.size += len(chunk)
        self._chunks.append(chunk)
        if self.size > SMALL_BYTES:
            # Closed by drop(), since it outlives this call.
            self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115
            self._file.writelines(self._chunks)
            self._chunks.clear()

    def drop(self) -> None:
        """Forget what was kept, and leave the size."""
        self._chunks.clear()
        if self._file:
            self._file.close()
            self._file = None

    def content(self) -> bytes:
        """Return the body as it was sent; empty when it was dropped."""
        if self._file is None:
            return b"".join(self._chunks)
        self._file.seek(0)
        return self._file.read()

    def pieces(self) -> Iterator[bytes]:
        """Yield the body, in pieces of at most ``PIECE`` where it is in a file."""
        if self._file is None:
            yield from self._chunks
            return
        self._file.seek(0)
        while piece := self._file.read(PIECE):
            yield piece


async def receive(request: Request, *, limit: int = SENT_BYTES) -> Body:
    """Return the body, sent with a length or in chunks; raise ``TooLarge`` above ``limit`` bytes.

    What is above is read and thrown away up to ``DRAINED_BYTES``: a client that still sends when
    the answer comes sees a broken connection in place of it. Raises ``ClientDisconnect``.
    """
    body = request.scope[_PLACE] = Body()
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > DRAINED_BYTES:
        raise _too_large(limit)
    try:
        async for chunk in request.stream():
            if body.size + len(chunk) <= limit:
                body.add(chunk)
                continue
            body.drop()
            body.size += len(chunk)
            if body.size > DRAINED_BYTES:
                break
    except BaseException:  # half of a body is for no one
        body.drop()
        raise
    if body.size > limit:
        raise _too_large(limit)
    return body


def received(scope: Scope) -> Body:
    """Return what ``receive`` has read of a request; an empty body when it read none."""
    body = scope.get(_PLACE)
    return body if isinstance(body, Body) else Body()


def forget(scope: Scope) -> None:
    """Drop the body of a request that is answered; a second time does nothing.

    Whoever took the request in calls it: the guard, and for want of one the application itself.
    """
    body = received(scope)
    scope.pop(_PLACE, None)
    body.drop()
    if body.size > SMALL_BYTES:
        give_back()


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"at most {limit} bytes are taken")
