"""One connection to a service: uvicorn's own, which ends when its sender keeps it waiting.

uvicorn bounds the time between two requests and no other; what a stranger sends that is no HTTP it
reports as a warning, which without a handler is a line under whichever cell is running.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from helpers.serving import bounds

__all__ = ["Connection", "SILENT"]

_LENGTHS = {b"content-length", b"transfer-encoding"}

# What uvicorn says of a connection goes nowhere: failures of an application have a log of theirs.
SILENT = logging.Logger(__name__, logging.CRITICAL + 1)
SILENT.addHandler(logging.NullHandler())


class Connection(H11Protocol):
    """A connection with bounds; ``check`` is called every second or so."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.logger = self.access_logger = SILENT
        self.access_log = False
        self.conn = _Parser()
        now = self.loop.time()
        self._heard = now  # when its sender was heard of last, or took some of an answer
        self._head: float | None = now  # since when a request's line and headers are due
        self._body: float | None = None  # since when a body is
        self._drained = self._unsent = 0

    @property
    def waiting(self) -> float | None:
        """Since when it waits for its sender; None while the service is at work on a request."""
        done = self.cycle is None or self.cycle.response_complete
        return self._heard if done or self.conn.their_state is h11.SEND_BODY else None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, and let another go when there are too many."""
        super().connection_made(transport)
        if len(self.connections) > bounds.CONNECTIONS:
            others = [one for one in self.connections if isinstance(one, Connection)]
            waiting = [(one.waiting, id(one), one) for one in others if one.waiting is not None]
            min(waiting)[2].end()  # this one waits too, so there is one

    def data_received(self, data: bytes) -> None:
        """Take what came; what is no HTTP is answered by 400 and the end."""
        if self.transport.is_closing():
            return
        self._heard = self.loop.time()
        if self.cycle and self.cycle.response_complete:
            self._drained += len(data) if self.conn.their_state is h11.SEND_BODY else 0
            if self._drained > bounds.DRAINED_BYTES:
                self.end()
                return
        try:
            super().data_received(data)
        except Exception:  # of h11, in a state that uvicorn has not foreseen
            self.end()
        self._follow()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._follow()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, unless an answer is under way already."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and not self._answering():
            super().send_400_response(msg)
        else:
            self.end()

    def shutdown(self) -> None:
        """Close the connection, or let its answer be the last."""
        with contextlib.suppress(h11.LocalProtocolError):  # it is closed already
            super().shutdown()

    def check(self) -> None:
        """End the connection if its time is over."""
        now, unsent = self.loop.time(), self.transport.get_write_buffer_size()
        if unsent != self._unsent or (self._body and self.flow.read_paused):
            self._heard, self._unsent = now, unsent
        late = self._head is not None and now - self._head > bounds.HEADER_SECONDS
        if self._body is not None:
            late = late or now - self._body > bounds.BODY_SECONDS
        if self._body is not None or unsent:
            late = late or now - self._heard > bounds.STALL_SECONDS
        if late:
            self.end()

    def end(self) -> None:
        """Close the connection at once, whatever is under way."""
        self.transport.abort()

    def _answering(self) -> bool:
        # A request that has ended can still be at work, and its answer would come second.
        return self.cycle is not None and not self.cycle.response_complete

    def _follow(self) -> None:
        """Note what is due next from the sender."""
        state, now = self.conn.their_state, self.loop.time()
        if state is not h11.SEND_BODY:
            self._body, self._drained = None, 0
        elif self._body is None:
            self._body = now
        if state is not h11.IDLE or (self.cycle and not self.conn.trailing_data[0]):
            self._head = None
        elif self._head is None:
            self._head = now


class _Parser(h11.Connection):
    """Reads one connection; of two lengths of one body, and of a body in crumbs, it takes none."""

    def __init__(self) -> None:
        super().__init__(h11.SERVER, bounds.HEADER_BYTES)
        self._chunks = 0

    def next_event(self) -> Any:
        """Return what came next; raise ``RemoteProtocolError`` for what is no HTTP."""
        event = super().next_event()
        if isinstance(event, h11.Data):
            self._chunks += 1
            if self._chunks > bounds.CHUNKS:
                raise h11.RemoteProtocolError("too many chunks")
        elif isinstance(event, h11.Request):
            self._chunks = 0
            if {name for name, _ in event.headers} >= _LENGTHS:
                raise h11.RemoteProtocolError("two lengths")  # RFC 9112, 6.3: may be smuggling
        return event
