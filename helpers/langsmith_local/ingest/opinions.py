"""Feedback that comes along with runs, as parts of a multipart body.

It is read more strictly there than by ``POST /feedback``: the trace must be named, since feedback
goes the way of its trace (langsmith-sdk pull request 1129), and a time needs an offset (issue 2533,
whose words these are).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from helpers.langsmith_local import opinion
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest import rules
from helpers.langsmith_local.values import told

__all__ = ["columns"]

_TIMES = ("created_at", "modified_at", "start_time")
_FORM = "2006-01-02T15:04:05Z07:00"  # how Go writes that a time is RFC 3339


def columns(given: Mapping[str, Any], *, at: str) -> dict[str, Any]:
    """Return feedback as values of its table's columns; ``at`` names the part in a 422."""
    if given.get("trace_id") is None:
        raise rules.schema_error(f"{at}.trace_id", "missing property")
    for key in _TIMES:
        if isinstance(given.get(key), str) and not _has_offset(given[key]):
            why = f'parsing time {told(given[key])} as "{_FORM}": cannot parse "" as "Z07:00"'
            why += "; an offset is needed, for UTC the letter Z at the end"
            raise rules.schema_error(f"{at}.{key}", why)
    try:
        return opinion.columns(given)
    except Refusal as error:
        raise rules.schema_error(at, error.message) from None


def _has_offset(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return True  # no time at all, which is said elsewhere
