"""Statistics over the runs of a selection.

One walk over the index sums up what SQLite can, and packs each column of which the middle is
wanted in one text: to hand 100,000 rows to Python takes ten times as long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from helpers.langsmith_local.filtering.condition import members
from helpers.langsmith_local.reading import query, rows
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.reading.rows import percentile_of_sorted
from helpers.langsmith_local.times import naive

__all__ = ["statistics"]

TOKENS = ("total_tokens", "prompt_tokens", "completion_tokens")
COSTS = ("total_cost", "prompt_cost", "completion_cost")
NUMBERS = (*TOKENS, *COSTS)
ALL = ", ".join(
    (
        *("count(*) AS runs", "max(r.start_time) AS last", "sum(r.status = 'error') AS failed"),
        "group_concat(r.end_time - r.start_time) AS latencies",
        "group_concat(r.first_token_time - r.start_time) AS firsts",
        "group_concat(r.id) AS ids",
        "group_concat(CASE WHEN NOT r.is_root THEN r.trace_id END) AS traces",
        "sum(r.parent_run_id <> r.trace_id) AS deep",  # those beneath a run that is no root
    )
)


def _summed(condition: str) -> str:
    """Return the columns that sum up tokens and costs of the runs for which ``condition`` holds."""
    return ", ".join(
        (
            *(f"sum(CASE WHEN {condition} THEN r.{name} END) AS {name}" for name in NUMBERS),
            f"group_concat(CASE WHEN {condition} THEN r.total_tokens END) AS each_tokens",
            # quote() keeps all digits of a number, and makes a text of null.
            f"group_concat(CASE WHEN {condition} AND r.total_cost IS NOT NULL "
            "THEN quote(r.total_cost) END) AS each_cost",
        )
    )


ROOTS, EACH = _summed("r.is_root"), _summed("1")
MICROSECONDS = 1e6  # of a second
FEW = 1_000  # runs that are quicker looked up again, and their feedback, than picked out of all


def statistics(connection: sqlite3.Connection, selection: Selection) -> dict[str, Any]:
    """Return RunStats of LangSmith's OpenAPI document: counts, percentiles, sums (US dollars).

    Tokens and costs are summed over the topmost selected runs, since a run's own numbers already
    hold those of the runs beneath it.
    """
    found = query.select(connection, selection, f"{ALL}, {ROOTS}")  # one row a project
    ids = set(_texts(found, "ids"))
    traces = _texts(found, "traces")
    if len(ids) <= FEW:
        selection = Selection(where=(members("id", ids),))
    if ids.issuperset(traces):  # the root of each is selected: the topmost ones are the roots
        top = _of_sums(found)
    elif ids.isdisjoint(traces) and not any(row["deep"] for row in found):
        # None is beneath another.
        top = _of_sums(query.select(connection, selection, EACH))
    else:
        top = _of_top(connection, selection, ids)
    count = len(ids)
    latency, first = sorted(_numbers(found, "latencies")), sorted(_numbers(found, "firsts"))
    return {
        "run_count": count,
        "latency_p50": percentile_of_sorted(latency, 0.5, MICROSECONDS),
        "latency_p99": percentile_of_sorted(latency, 0.99, MICROSECONDS),
        "first_token_p50": percentile_of_sorted(first, 0.5, MICROSECONDS),
        "first_token_p99": percentile_of_sorted(first, 0.99, MICROSECONDS),
        **top,
        "last_run_start_time": naive(max((row["last"] or 0 for row in found), default=0) or None),
        "error_rate": sum(row["failed"] or 0 for row in found) / count if count else None,
        "streaming_rate": len(first) / count if count else None,
        "feedback_stats": _feedback(connection, ids),
    }


def _texts(found: Sequence[sqlite3.Row], name: str) -> list[str]:
    return [one for row in found if row[name] for one in row[name].split(",")]


def _numbers(found: Sequence[sqlite3.Row], name: str) -> list[Any]:
    return [one for row in found if row[name] for one in orjson.loads(f"[{row[name]}]")]


def _of_sums(found: Sequence[sqlite3.Row]) -> dict[str, Any]:
    sums = {name: [row[name] for row in found] for name in NUMBERS}
    return _top(sums, _numbers(found, "each_tokens"), _numbers(found, "each_cost"))


def _of_top(connection: sqlite3.Connection, selection: Selection, ids: set[str]) -> dict[str, Any]:
    # All of them are in the index that is walked; the order of a run is not, and seldom needed.
    columns = ", ".join(f"r.{name}" for name in ("id", "trace_id", "parent_run_id", *NUMBERS))
    found = query.select(connection, selection, columns)
    top = [row for row in found if _is_top(connection, row, ids)]
    every = {name: [row[name] for row in top] for name in NUMBERS}
    return _top(every, every["total_tokens"], every["total_cost"])


def _is_top(connection: sqlite3.Connection, row: sqlite3.Row, ids: set[str]) -> bool:
    """Whether no run above this one is among ``ids``."""
    parent, root = row["parent_run_id"], row["trace_id"]
    if parent is None or root in ids or parent in ids or parent == root:
        return parent is None or (root not in ids and parent not in ids)
    order = connection.execute("SELECT dotted_order FROM runs WHERE id = ?", (row["id"],))
    return ids.isdisjoint(rows.ancestors(order.fetchone()[0]))


def _top(
    every: dict[str, list[Any]], tokens: Sequence[int | None], costs: Sequence[float | None]
) -> dict[str, Any]:
    """Return what is said of the topmost runs; ``every`` holds the numbers to add."""
    known = {name: [one for one in every[name] if one is not None] for name in NUMBERS}
    each_tokens = sorted(one for one in tokens if one is not None)
    each_cost = sorted(one for one in costs if one is not None)
    return {
        **{name: sum(known[name]) for name in TOKENS},
        **{name: sum(known[name]) if known[name] else None for name in COSTS},
        "median_tokens": _whole(percentile_of_sorted(each_tokens, 0.5)),
        "tokens_p99": _whole(percentile_of_sorted(each_tokens, 0.99)),
        "cost_p50": percentile_of_sorted(each_cost, 0.5),
        "cost_p99": percentile_of_sorted(each_cost, 0.99),
    }


def _feedback(connection: sqlite3.Connection, ids: set[str]) -> dict[str, Any]:
    if len(ids) <= FEW:
        return rows.feedback_of(connection, list(ids))
    every = connection.execute(
        "SELECT run_id, key, score, value, comment, source FROM feedback ORDER BY key, created_at"
    )
    return rows.feedback_stats(row for row in every if row["run_id"] in ids)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
