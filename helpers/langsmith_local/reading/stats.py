"""Statistics over the runs of a selection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from helpers.langsmith_local.reading import query, rows
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.times import naive

__all__ = ["statistics"]

COLUMNS = (
    "r.id, r.start_time, r.latency, r.status, r.dotted_order, r.first_token_time, r.total_tokens, "
    "r.prompt_tokens, r.completion_tokens, r.total_cost, r.prompt_cost, r.completion_cost"
)


def statistics(connection: sqlite3.Connection, selection: Selection) -> dict[str, Any]:
    """Return RunStats of LangSmith's OpenAPI document: counts, percentiles, sums (US dollars).

    Tokens and costs are summed over the topmost selected runs, since a run's own numbers already
    hold those of the runs beneath it.
    """
    found = query.select(connection, selection, COLUMNS)
    ids = {row["id"] for row in found}
    top = [row for row in found if ids.isdisjoint(rows.ancestors(row["dotted_order"]))]
    first = [
        (row["first_token_time"] - row["start_time"]) / 1e6
        for row in found
        if row["first_token_time"] is not None
    ]
    return {
        "run_count": len(found),
        "latency_p50": rows.percentile((row["latency"] for row in found), 0.5),
        "latency_p99": rows.percentile((row["latency"] for row in found), 0.99),
        "first_token_p50": rows.percentile(first, 0.5),
        "first_token_p99": rows.percentile(first, 0.99),
        **_sums(top),
        "median_tokens": _whole(rows.percentile((row["total_tokens"] for row in top), 0.5)),
        "tokens_p99": _whole(rows.percentile((row["total_tokens"] for row in top), 0.99)),
        "cost_p50": rows.percentile((row["total_cost"] for row in top), 0.5),
        "cost_p99": rows.percentile((row["total_cost"] for row in top), 0.99),
        "last_run_start_time": naive(max((row["start_time"] for row in found), default=None)),
        "error_rate": _share(row["status"] == "error" for row in found),
        "streaming_rate": _share(row["first_token_time"] is not None for row in found),
        "feedback_stats": rows.feedback_of(connection, list(ids)),
    }


def _sums(top: list[sqlite3.Row]) -> dict[str, Any]:
    tokens = ("total_tokens", "prompt_tokens", "completion_tokens")
    costs = ("total_cost", "prompt_cost", "completion_cost")
    sums: dict[str, Any] = {name: sum(row[name] or 0 for row in top) for name in tokens}
    for name in costs:
        known = [row[name] for row in top if row[name] is not None]
        sums[name] = sum(known) if known else None
    return sums


def _share(flags: Iterable[bool]) -> float | None:
    known = list(flags)
    return sum(known) / len(known) if known else None


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
