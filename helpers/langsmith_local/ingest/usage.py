"""Tokens and costs of runs, and their sums over the runs beneath.

A run shows its own usage if it reports one, else the sum over the runs beneath it. The sums are
kept by adding what changed to the runs above, so that a trace costs the same per run however
long it grows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from helpers.langsmith_local import values
from helpers.langsmith_local.ingest.rules import schema_error, segments

__all__ = ["COLUMNS", "NOTHING", "Sums", "Usage", "check", "numbers", "own_usage"]

COLUMNS = (
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "prompt_cost",
    "completion_cost",
    "total_cost",
)
#: One number a column; None for what is not known.
Usage = tuple[float | None, ...]
NOTHING: Usage = (None,) * len(COLUMNS)

_COSTS = ("input_cost", "output_cost", "total_cost")
_TOKENS = 3  # the columns that come first
_KEYS = ("input_tokens", "output_tokens", "total_tokens", *_COSTS)


def check(run: Mapping[str, Any], *, at: str) -> None:
    """Raise the 422 for a number in a ``usage_metadata`` that no sum can be made with."""
    extra = run.get("extra") or {}
    nested = extra.get("metadata")
    place, shown = ("extra.metadata", nested) if isinstance(nested, dict) else ("extra", extra)
    for where, holder in (("outputs", run.get("outputs")), (place, shown)):
        reported = holder.get("usage_metadata") if holder else None
        if isinstance(reported, dict):
            _check(reported, f"{at}.{where}.usage_metadata")


def _check(reported: Mapping[str, Any], at: str) -> None:
    for key, value in reported.items():
        if isinstance(value, dict):  # the breakdown of a number
            _check({k: v for k, v in value.items() if not isinstance(v, dict)}, f"{at}.{key}")
            continue
        found = _number(value)
        try:
            if found is not None:
                values.number(found)
        except ValueError as error:
            raise schema_error(f"{at}.{key}", str(error)) from None


def own_usage(run_type: str, reported: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the ``usage_metadata`` that counts: that of an llm run, and of others the costs.

    LangSmith's documentation (*Cost tracking*) has costs of "tool calls, retrieval steps, or any
    custom runs".
    """
    if run_type == "llm" or reported is None:
        return reported
    costs = {key: reported[key] for key in _COSTS if _number(reported.get(key)) is not None}
    return costs or None


def numbers(usage: Mapping[str, Any]) -> Usage:
    """Return usage as one number a column; totals that are missing are added up."""
    found = [_number(usage.get(key)) for key in _KEYS]
    for total, (first, second) in ((2, (0, 1)), (5, (3, 4))):
        if found[total] is None:
            found[total] = _plus(found[first], found[second])
    return tuple(found)


class Sums:
    """The changes that one request makes to the sums.

    ``orders`` are those of the runs that have usage of their own. Call ``add`` for each run that is
    new or has new usage, parents before children, then ``apply``.
    """

    def __init__(self, connection: sqlite3.Connection, orders: Iterable[str]) -> None:
        self._connection = connection
        self._changes: dict[str, Usage] = {}
        #: The ids from the root down to each of these runs.
        self._lines = {order: segments(order) for order in orders}
        #: Of these runs usage is known; whether it is the costs alone.
        self._own = self._with_own_usage(set().union(*self._lines.values()))

    def add(
        self, run_id: str, order: str, own: Usage | None, shown: Usage, *, costs: bool = False
    ) -> Usage:
        """Return what the run shows from now on, given what it showed before.

        With ``costs``, its own are the costs alone; tokens are those of the runs beneath.
        """
        if own is None:
            return shown
        # What the runs beneath added in this request has gone to the runs above already.
        shown = _add(shown, self._changes.pop(run_id, NOTHING))
        self._own[run_id] = costs
        if costs:
            own = (*shown[:_TOKENS], *own[_TOKENS:])
        change = own
        if shown is not NOTHING:
            change = _add(own, tuple(None if n is None else -n for n in shown))
        for above in self._lines[order][-2::-1]:
            if above in self._own:
                if not self._own[above]:
                    break
                change = (*change[:_TOKENS], *NOTHING[_TOKENS:])
            self._changes[above] = _add(self._changes.get(above, NOTHING), change)
        return own

    def beneath(self, trace_id: str, order: str) -> Usage:
        """Return the sum over stored runs below ``order``, for a run that came after them."""
        rows = self._connection.execute(
            f"SELECT dotted_order, {', '.join(COLUMNS)} FROM runs WHERE trace_id = ? "
            "AND dotted_order > ? AND dotted_order < ? AND own_usage IS NOT NULL "
            "ORDER BY dotted_order",
            (trace_id, order + ".", order + "/"),
        )
        total, covered = NOTHING, "/"
        for row in rows:
            if not row[0].startswith(covered):
                total, covered = _add(total, tuple(row)[1:]), row[0] + "."
        return total

    def taken(self, run_id: str, shown: Usage) -> Usage | None:
        """Return what a run shows with the changes beneath it, which ``apply`` then leaves out."""
        change = self._changes.pop(run_id, NOTHING)
        return _add(shown, change) if any(change) else None

    def apply(self) -> None:
        """Write the changes to the runs above."""
        sets = ", ".join(
            f"{name} = CASE WHEN ? IS NULL THEN {name} ELSE ROUND(COALESCE({name}, 0) + ?, 12) END"
            if name.endswith("cost")
            else f"{name} = CASE WHEN ? IS NULL THEN {name} ELSE COALESCE({name}, 0) + ? END"
            for name in COLUMNS
        )
        self._connection.executemany(
            f"UPDATE runs SET {sets} WHERE id = ?",
            [
                (*(number for number in change for _ in range(2)), run_id)
                for run_id, change in self._changes.items()
                if any(change)
            ],
        )

    def _with_own_usage(self, ids: set[str]) -> dict[str, bool]:
        rows = self._connection.execute(
            "SELECT id, run_type <> 'llm' FROM runs WHERE own_usage IS NOT NULL "
            "AND id IN (SELECT value FROM json_each(?))",
            (orjson.dumps(list(ids)).decode(),),
        )
        return {row[0]: bool(row[1]) for row in rows}


def _number(value: object) -> float | None:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _plus(first: float | None, second: float | None) -> float | None:
    if first is None or second is None:
        return first if second is None else second
    # Sums of decimal fractions drift; a cost is good to 1e-12 dollars.
    return round(first + second, 12)


def _add(first: Usage, second: Usage) -> Usage:
    if first is NOTHING or second is NOTHING:  # as for most runs
        return second if first is NOTHING else first
    return tuple(map(_plus, first, second))
