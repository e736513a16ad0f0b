"""Every bound of the services, in one place; the README's table of bounds says the same.

What is above a bound gets a 4xx that names it. A bound that is a time ends a connection.
"""

from __future__ import annotations

__all__ = ["BACKLOG", "HEADER_SECONDS", "HEADER_BYTES", "IDLE_SECONDS", "SENT_BYTES"]
__all__ += ["STALL_SECONDS"]

#: Bytes of a request's body as it is sent; GET /info announces it as size_limit_bytes.
SENT_BYTES = 20 * 1024 * 1024
#: Connections that wait to be accepted.
BACKLOG = 128
#: Bytes of a request's line and headers.
HEADER_BYTES = 64 * 1024
#: Seconds for a request's line and headers to arrive, once its connection is open.
HEADER_SECONDS = 10.0
#: Seconds without a byte of a body that has begun.
STALL_SECONDS = 30.0
#: Seconds that a connection is kept open between two requests.
IDLE_SECONDS = 75
