"""A run and its change in one request, read as one run.

A call that ends within a fraction of a second is sent so by LangSmith's SDKs, and then most of
what the change says was said with the run: ids, order, name, ``extra``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["APART", "together"]

#: Fields of a run that have parts of their own in a multipart body.
APART = frozenset({"inputs", "outputs", "events", "extra", "error", "serialized"})
_LATER = APART | {"end_time"}
_PLACE = ("id", "trace_id", "parent_run_id", "dotted_order")


def together(
    run: Mapping[str, Any], change: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return a run as its change leaves it, and the values that the change replaced.

    None when the change says more than what comes later in the life of a run: then each has to be
    looked at by itself.
    """
    for key in _PLACE:
        if run.get(key) != change.get(key):
            return None
    whole, replaced = dict(run), {}
    for key, value in change.items():
        before = run.get(key)
        if value is None or value is before:
            continue
        if key not in APART and value == before and value.__class__ is before.__class__:
            continue
        if key not in _LATER:
            return None
        if before is not None:
            replaced[key] = before
        whole[key] = value
    return whole, replaced
