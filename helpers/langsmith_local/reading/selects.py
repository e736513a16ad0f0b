"""The fields of a run in the second generation of the API, by the name that selects them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from helpers.langsmith_local import schema
from helpers.langsmith_local.reading import rows
from helpers.langsmith_local.reading.portion import LONG
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import iso

__all__ = [
    "RUN_FIELDS",
    "RUN_TYPES",
    "TURN_FIELDS",
    "Field",
    "beside",
    "column",
    "decoded",
    "instant",
    "long_of",
    "paged",
    "shown",
    "without_nulls",
]

RUN_TYPES = tuple(each.upper() for each in schema.RUN_TYPES)  # as v2 spells them

Field = Callable[[sqlite3.Row, rows.Beside], Any]


def column(name: str) -> Field:
    """Return what gives a row's column as it is."""
    return lambda row, _: row[name]


def decoded(name: str) -> Field:
    """Return what gives a row's column as the JSON value that it holds."""
    return lambda row, _: rows.raw(row[name])


def instant(name: str) -> Field:
    """Return what gives a row's column, microseconds since 1970, as ISO text."""
    return lambda row, _: iso(row[name])


def _upper(name: str) -> Field:
    return lambda row, _: row[name].upper()


def _details(name: str) -> Field:
    def field(row: sqlite3.Row, _: rows.Beside) -> Any:
        found = rows.details(row)[name]
        return found and {"raw": found}

    return field


def _attachments(row: sqlite3.Row, beside: rows.Beside) -> Any:
    found = beside.attachments.get(row["id"], {})
    return {name: f"{beside.origin}{path}" for name, (path, _) in found.items()} or None


def without_nulls(stats: dict[str, Any]) -> dict[str, Any]:
    """Return feedback statistics without what is not known: the schema has no null."""
    return {
        key: {name: value for name, value in found.items() if value is not None}
        for key, found in stats.items()
    }


COMMON: dict[str, Field] = {
    **{name.upper(): column(name) for name in ("name", "trace_id", "thread_id", "error")},
    **{name.upper(): instant(name) for name in ("start_time", "end_time", "first_token_time")},
    **{name.upper(): column(name) for name in ("prompt_tokens", "completion_tokens")},
    **{name.upper(): column(name) for name in ("total_tokens", "total_cost")},
    **{name.upper(): column(name) for name in ("prompt_cost", "completion_cost")},
    **{name.upper(): _details(name) for name in rows.DETAILS},
    **{name.upper(): decoded(name) for name in ("inputs", "outputs")},
    "INPUTS_PREVIEW": lambda row, _: rows.preview(row["inputs"]),
    "OUTPUTS_PREVIEW": lambda row, _: rows.preview(row["outputs"]),
    "ERROR_PREVIEW": lambda row, _: row["error"] and row["error"][: rows.PREVIEW_CHARACTERS],
}
RUN_FIELDS: dict[str, Field] = {
    **COMMON,
    "ID": column("id"),
    "RUN_TYPE": _upper("run_type"),
    "STATUS": _upper("status"),
    "LATENCY_SECONDS": column("latency"),
    "EXTRA": lambda row, _: rows.extra(row),
    "METADATA": lambda row, _: rows.raw(row["metadata"] or "{}"),
    "EVENTS": decoded("events"),
    "MANIFEST": decoded("serialized"),
    "PARENT_RUN_IDS": lambda row, _: rows.ancestors(row["dotted_order"]),
    "PROJECT_ID": column("project_id"),
    "DOTTED_ORDER": column("dotted_order"),
    "IS_ROOT": lambda row, _: bool(row["is_root"]),
    "REFERENCE_EXAMPLE_ID": column("reference_example_id"),
    "TAGS": decoded("tags"),
    "APP_PATH": lambda row, beside: rows.app_path(row, beside.tenant_id),
    "ATTACHMENTS": _attachments,
    "IS_IN_DATASET": lambda row, _: False,
    "FEEDBACK_STATS": lambda row, beside: without_nulls(beside.feedback.get(row["id"], {})),
    # Known names of what this service never has.
    **dict.fromkeys(
        ("REFERENCE_DATASET_ID", "PRICE_MODEL_ID", "THREAD_EVALUATION_TIME", "SHARE_URL"),
        lambda row, _: None,
    ),
    **dict.fromkeys(("LAST_QUEUED_AT", "LS_USER_ID"), lambda row, _: None),
}
TURN_FIELDS: dict[str, Field] = {
    **COMMON,
    "LATENCY": column("latency"),
    "OP": lambda row, _: RUN_TYPES.index(row["run_type"].upper()),
}


def long_of(names: Iterable[str]) -> set[str]:
    """Return the long columns of a row that these fields are made of."""
    needed = {name.lower().removesuffix("_preview") for name in names}
    needed |= {"metadata"} if "extra" in needed else set()
    needed |= {"serialized"} if "manifest" in needed else set()
    return needed & set(LONG)


def beside(store: Store, found: list[sqlite3.Row], origin: str) -> rows.Beside:
    """Return what is stored beside the runs found."""
    ids = [row["id"] for row in found]
    return rows.beside(store, ids, origin=origin)


def shown(
    row: sqlite3.Row, names: Iterable[str], beside: rows.Beside, fields: dict[str, Field]
) -> dict[str, Any]:
    """Return the selected fields that have a value; absent stands for null."""
    pairs = ((name.lower(), fields[name](row, beside)) for name in names if name in fields)
    return {name: value for name, value in pairs if value is not None}


def paged(items: list[dict[str, Any]], cursor: str | None) -> dict[str, Any]:
    """Return a page; without a cursor it is the last one."""
    answer: dict[str, Any] = {"items": items, "has_more": cursor is not None}
    return {**answer, "next_cursor": cursor} if cursor else answer
