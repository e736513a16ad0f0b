"""An answer that costs little until it is fetched: what is large waits in a temporary file.

Whoever fetches may be slow, and there may be two hundred of them.
"""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from helpers.serving.body import Body
from helpers.serving.bounds import SMALL_BYTES

__all__ = ["answer"]


def answer(body: Body, media_type: str) -> Response:
    """Return the answer that has this body, which is dropped once it is sent."""
    if body.size > SMALL_BYTES:
        return _Waiting(body, media_type)
    return Response(body.content(), media_type=media_type)


class _Waiting(Response):
    """An answer whose body is in a file: it is read as fast as the other takes it."""

    def __init__(self, body: Body, media_type: str) -> None:
        super().__init__(media_type=media_type, headers={"content-length": str(body.size)})
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begin = {"type": "http.response.start", "status": self.status_code}
        try:
            await send({**begin, "headers": self.raw_headers})
            for piece in self._body.pieces():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._body.drop()
