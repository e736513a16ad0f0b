"""Points in time: what clients send, whole microseconds since 1970 (UTC), what clients read."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from helpers.serving.bounds import EARLIEST_YEAR, LATEST_YEAR

__all__ = ["iso", "microseconds", "moment", "naive", "now"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY, SECOND = 86_400, 1_000_000  # in seconds, in microseconds; a third of what ``//`` takes
# 1e11 seconds are in the year 5138, 1e11 milliseconds in 1973: numbers above it are milliseconds.
FIRST_MILLISECONDS = 1e11
FIRST = (datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
LAST = (datetime(LATEST_YEAR + 1, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND - 1
OUT_OF_RANGE = f"a time is in the years {EARLIEST_YEAR} to {LATEST_YEAR} (UTC)"


def microseconds(value: object) -> int:
    """Return a time as sent, in microseconds since 1970.

    Taken are ISO 8601 text (without an offset it is UTC), seconds as a number (LiteLLM's
    callback) and milliseconds as a number (the JavaScript SDK). Anything else, and a time before
    ``EARLIEST_YEAR`` or after ``LATEST_YEAR``, raises ``ValueError``.
    """
    if isinstance(value, str):
        try:
            given = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("a time is ISO 8601 text or a number") from None
        if given.tzinfo is None:
            given = given.replace(tzinfo=UTC)
        since = given - EPOCH
        return _within((since.days * DAY + since.seconds) * SECOND + since.microseconds)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("a time is ISO 8601 text or a number")
    scale = 1_000 if abs(value) >= FIRST_MILLISECONDS else 1_000_000
    try:
        return _within(round(value * scale))
    except OverflowError:  # infinity
        raise ValueError(OUT_OF_RANGE) from None


def _within(found: int) -> int:
    if not FIRST <= found <= LAST:
        raise ValueError(OUT_OF_RANGE)
    return found


def moment(stored: int) -> datetime:
    """Return microseconds since 1970 as a time in UTC.

    What no calendar holds, which a file of an older version may, is its nearest end.
    """
    return EPOCH + timedelta(microseconds=min(max(stored, FIRST), LAST))


def iso(stored: int | None) -> str | None:
    """Return microseconds since 1970 as ISO 8601 text in UTC, with all six decimals."""
    return None if stored is None else moment(stored).isoformat(timespec="microseconds")


def naive(stored: int | None) -> str | None:
    """Return the same text without the offset, as the first generation of the API shows times."""
    return None if stored is None else (iso(stored) or "").removesuffix("+00:00")


def now() -> int:
    """Return the present in microseconds since 1970."""
    return time.time_ns() // 1_000
