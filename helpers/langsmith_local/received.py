"""The requests that the service received, for looking at what was really sent.

Headers are not kept, so no key is; of query strings neither.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from helpers.langsmith_local.body import decode
from helpers.langsmith_local.errors import INGESTION, Refusal
from helpers.serving.body import forget, received

__all__ = ["INGESTION", "Log", "Received", "Recorder"]

MAX_RECORDS = 1_000
MAX_KEPT = 16 * 1024 * 1024
MAX_BODY = 2 * 1024 * 1024  # what is larger is for no one to look at


@dataclass(frozen=True, slots=True)
class Received:
    """One request: ``size`` is that of the body on the wire, in bytes.

    ``raw`` is the body as it came, or None once the log has dropped it for newer ones.
    """

    method: str
    path: str
    size: int
    status: int
    encoding: str = ""
    raw: bytes | None = field(default=None, repr=False)

    @property
    def body(self) -> bytes:
        """The body without its compression; empty when it is not kept or cannot be decoded."""
        try:
            return decode(self.raw or b"", self.encoding if self.raw else "")
        except Refusal:
            return b""


class Log:
    """The latest requests, oldest first: at most ``records``, and ``kept`` bytes of bodies."""

    def __init__(self, *, records: int = MAX_RECORDS, kept: int = MAX_KEPT) -> None:
        self._records: deque[Received] = deque(maxlen=records)
        self._kept = kept
        self._lock = threading.Lock()

    def append(self, received: Received) -> None:
        """Add a request; bodies of old requests give way to its own."""
        with self._lock:
            self._records.append(received)
            room = self._kept
            for index in range(len(self._records) - 1, -1, -1):
                one = self._records[index]
                if one.raw is None and one.size:
                    break
                room -= len(one.raw or b"")
                if room < 0:
                    self._records[index] = replace(one, raw=None)

    def bodies(self) -> list[bytes]:
        """Return the bodies that are kept, without their compression."""
        return [received.body for received in self if received.raw]

    def drop_bodies(self) -> None:
        """Forget the bodies of all requests; what else is known of them stays."""
        with self._lock:
            kept = [replace(one, raw=None) for one in self._records]
            self._records.clear()
            self._records.extend(kept)

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._records.clear()

    def __iter__(self) -> Iterator[Received]:
        with self._lock:
            return iter(list(self._records))

    def __len__(self) -> int:
        return len(self._records)


class Recorder:
    """ASGI middleware that writes each HTTP request to a ``Log``, and then drops its body."""

    def __init__(self, app: ASGIApp, log: Log) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._log.append(self._record(scope, message["status"]))
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            forget(scope)

    @staticmethod
    def _record(scope: Scope, status: int) -> Received:
        encoding = dict(scope["headers"]).get(b"content-encoding", b"").decode("latin-1")
        body = received(scope)
        raw = body.content() if body.size <= MAX_BODY else None
        return Received(scope["method"], scope["path"], body.size, status, encoding, raw)
