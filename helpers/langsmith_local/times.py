"""Points in time: what clients send, whole microseconds since 1970 (UTC), what clients read."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

__all__ = ["iso", "microseconds", "now"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# 1e11 seconds are in the year 5138, 1e11 milliseconds in 1973: numbers above it are milliseconds.
FIRST_MILLISECONDS = 1e11


def microseconds(value: object) -> int:
    """Return a time as sent, in microseconds since 1970.

    Taken are ISO 8601 text (without an offset it is UTC), seconds as a number (LiteLLM's
    callback) and milliseconds as a number (the JavaScript SDK). Anything else raises
    ``ValueError``.
    """
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - EPOCH) // MICROSECOND
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a time is ISO 8601 text or a number")
    scale = 1_000 if abs(value) >= FIRST_MILLISECONDS else 1_000_000
    try:
        return (EPOCH + timedelta(microseconds=round(value * scale)) - EPOCH) // MICROSECOND
    except OverflowError as error:
        raise ValueError("the time is out of range") from error


def iso(moment: int | None) -> str | None:
    """Return microseconds since 1970 as ISO 8601 text in UTC, with all six decimals."""
    if moment is None:
        return None
    return (EPOCH + timedelta(microseconds=moment)).isoformat(timespec="microseconds")


def now() -> int:
    """Return the present in microseconds since 1970."""
    return time.time_ns() // 1_000
