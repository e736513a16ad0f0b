"""Every bound of the services, in one place; the README's table of bounds says the same.

What is above a bound gets a 4xx that names it. A bound that is a time ends a connection.
"""

from __future__ import annotations

__all__ = ["BACKLOG", "HEADER_SECONDS", "HEADER_BYTES", "IDLE_SECONDS", "SENT_BYTES"]
__all__ += ["STALL_SECONDS"]
__all__ += [
    "EARLIEST_YEAR",
    "FILTER_CALLS",
    "FILTER_CHARACTERS",
    "FILTER_DEPTH",
    "GREATEST_INTEGER",
]
__all__ += ["GREATEST_NUMBER", "JSON_DEPTH", "LATEST_YEAR", "LISTED", "NAME_CHARACTERS"]

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

#: The first and the last year of a time, in UTC. LangSmith answers from ClickHouse (``ch_query`` in
#: its /info), whose DateTime64 holds these years.
EARLIEST_YEAR = 1900
LATEST_YEAR = 2299
#: A whole number is at most this, and at least its negative: 64 bits, as in the database.
GREATEST_INTEGER = 2**63 - 1
#: Tokens, US dollars and scores: sums over nine million runs still fit in 64 bits.
GREATEST_NUMBER = 10**12
#: Levels of a JSON value. orjson, with which the SDK writes, stops at 254, and an answer wraps
#: a value in some of its own.
JSON_DEPTH = 200
#: Characters of the name of a run, a project or an attachment.
NAME_CHARACTERS = 1_000
#: Ids in one list of a query.
LISTED = 10_000
#: Characters, nested calls and calls of a filter.
FILTER_CHARACTERS = 20_000
FILTER_DEPTH = 20
FILTER_CALLS = 200
