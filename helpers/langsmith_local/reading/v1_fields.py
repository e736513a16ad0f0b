"""The fields of a run in the first generation of the API: RunSchema and RunSelect of LangSmith's
OpenAPI document.

Times have no offset: what ``list_runs()`` of LangSmith gives is naive (langsmith-sdk issue 2533 and
pull request 2555), and so are the samples of its documentation. Tokens that are not known are 0 and
the place of a run is 1, by the defaults of RunSchema, which has no null for them; a place that is
not known is left out. Filters decide on what is shown, see ``filtering.fields``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from helpers.langsmith_local.reading import arguments as ask
from helpers.langsmith_local.reading import rows
from helpers.langsmith_local.reading.query import QueryError
from helpers.langsmith_local.reading.selects import Field, column, decoded
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import naive

__all__ = ["DEFAULT_SELECT", "FIELDS", "names", "shown"]

# Always in the answer, selected or not: RunSchema requires the first, the SDK expects the others.
ALWAYS = (
    *("id", "name", "run_type", "start_time", "status", "trace_id", "dotted_order"),
    *("session_id", "app_path", *rows.DETAILS),
)
DEFAULT_SELECT = (
    *ALWAYS,
    *("end_time", "error", "extra", "events", "inputs", "outputs", "parent_run_id", "serialized"),
    *("parent_run_ids", "reference_example_id", "total_tokens", "prompt_tokens"),
    *("completion_tokens", "total_cost", "prompt_cost", "completion_cost", "first_token_time"),
    *("feedback_stats", "tags", "in_dataset", "thread_id", "s3_urls", "execution_order"),
)
# What can be selected and is never there: another storage, datasets, prices, retention.
NEVER = (
    *("inputs_s3_urls", "outputs_s3_urls", "manifest_id", "manifest_s3_id", "messages"),
    *("reference_dataset_id", "price_model_id", "last_queued_at", "child_run_ids", "share_token"),
    *("trace_tier", "trace_first_received_at", "ttl_seconds"),
)
# Known names for which RunSchema has no field of the name, or none that may be null.
NAMELESS = (
    *("inputs_or_signed_url", "outputs_or_signed_url", "error_or_signed_url"),
    *("events_or_signed_url", "extra_or_signed_url", "serialized_or_signed_url"),
    *("trace_upgrade", "trace_min_max_start_time", "inserted_at"),
)


def _time(name: str) -> Field:
    return lambda row, _: naive(row[name])


def _tokens(name: str) -> Field:
    return lambda row, _: row[name] or 0


def _cost(name: str) -> Field:
    return lambda row, _: rows.money(row[name])


def _details(name: str) -> Field:
    def field(row: sqlite3.Row, _: rows.Beside) -> Any:
        found = rows.details(row)[name]
        if found is None or "token" in name:
            return found
        return {key: rows.money(float(dollars)) for key, dollars in found.items()}

    return field


def _s3_urls(row: sqlite3.Row, beside: rows.Beside) -> Any:
    return {
        f"attachment.{name}": {"presigned_url": path, "mime_type": mime_type}
        for name, (path, mime_type) in beside.attachments.get(row["id"], {}).items()
    } or None


FIELDS: dict[str, Field] = {
    **{name: column(name) for name in ("id", "name", "run_type", "status", "error", "trace_id")},
    **{name: column(name) for name in ("dotted_order", "parent_run_id", "thread_id")},
    **{name: column(name) for name in ("reference_example_id",)},
    **{name: _time(name) for name in ("start_time", "end_time", "first_token_time")},
    **{name: decoded(name) for name in ("inputs", "outputs", "events", "serialized", "tags")},
    **{name: _tokens(name) for name in ("total_tokens", "prompt_tokens", "completion_tokens")},
    **{name: _cost(name) for name in ("total_cost", "prompt_cost", "completion_cost")},
    **{name: _details(name) for name in rows.DETAILS},
    "execution_order": lambda row, _: row["execution_order"] or row["is_root"] or None,
    "session_id": column("project_id"),
    "manifest": decoded("serialized"),
    "inputs_preview": lambda row, _: rows.preview(row["inputs"]),
    "outputs_preview": lambda row, _: rows.preview(row["outputs"]),
    "parent_run_ids": lambda row, _: rows.ancestors(row["dotted_order"]),
    "app_path": lambda row, beside: rows.app_path(row, beside.tenant_id),
    "extra": lambda row, _: rows.extra(row),
    "feedback_stats": lambda row, beside: beside.feedback.get(row["id"]),
    "s3_urls": _s3_urls,
    "in_dataset": lambda row, _: False,
    **dict.fromkeys(NEVER, lambda row, _: None),
}
# The order is not to be selected: the document's RunSelect has no name for it.
SELECTS = tuple(sorted({*FIELDS, *NAMELESS} - {"execution_order"}))


def names(body: dict[str, Any]) -> tuple[str, ...]:
    """Return the fields that a query selects; ``QueryError`` for one that there is none of."""
    chosen = body.get("select")
    if chosen is None:
        return DEFAULT_SELECT
    if not isinstance(chosen, list) or None in chosen:
        raise QueryError("select is a list of field names.", field="select")
    for name in chosen:
        ask.one_of({"select": name}, "select", SELECTS)
    return tuple(dict.fromkeys((*ALWAYS, *chosen)))


def shown(store: Store, found: list[sqlite3.Row], chosen: Sequence[str]) -> list[dict[str, Any]]:
    """Return runs with the chosen fields."""
    beside = rows.beside(store, [row["id"] for row in found])
    fields = [(name, FIELDS[name]) for name in chosen if name in FIELDS]
    runs = [{name: field(row, beside) for name, field in fields} for row in found]
    for run in runs:
        if run.get("execution_order", 1) is None:
            del run["execution_order"]
    return runs
