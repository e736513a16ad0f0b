"""The fields of a run that the filter language compares."""

from __future__ import annotations

from helpers.langsmith_local.filtering.entries import ENTRY_OF, Entry
from helpers.langsmith_local.filtering.literals import Kind

__all__ = ["COLUMNS", "FIELDS", "METADATA_FIELDS", "TAGS", "shown"]

#: By the name in a filter: the column of ``runs``, and what kind of value it holds.
COLUMNS: dict[str, tuple[str, Kind]] = {
    "id": ("id", "uuid"),
    "trace_id": ("trace_id", "uuid"),
    "parent_run_id": ("parent_run_id", "uuid"),
    "reference_example_id": ("reference_example_id", "uuid"),
    "reference_example": ("reference_example_id", "uuid"),
    "name": ("name", "text"),
    "run_type": ("run_type", "text"),
    "status": ("status", "text"),
    "thread_id": ("thread_id", "text"),
    "error": ("error", "text"),
    "is_root": ("is_root", "boolean"),
    "start_time": ("start_time", "time"),
    "end_time": ("end_time", "time"),
    "first_token_time": ("first_token_time", "time"),
    "latency": ("latency", "duration"),
    "execution_order": ("execution_order", "number"),
    "total_tokens": ("total_tokens", "number"),
    "prompt_tokens": ("prompt_tokens", "number"),
    "completion_tokens": ("completion_tokens", "number"),
    "total_cost": ("total_cost", "number"),
    "prompt_cost": ("prompt_cost", "number"),
    "completion_cost": ("completion_cost", "number"),
}
# What a read shows where nothing is stored, RunSchema having no null there: a filter decides on it.
_SHOWN = {
    **{
        name: f"COALESCE({{run}}.{name}, 0)"
        for name in ("total_tokens", "prompt_tokens", "completion_tokens")
    },
    # The old spelling of roots: old SDKs numbered the runs of a trace from 1, ours number none.
    "execution_order": "COALESCE({run}.execution_order, NULLIF({run}.is_root, 0))",
}
# Two shorthands for what the SDK's wrappers put into metadata under an ls_ name.
METADATA_FIELDS = {"ls_model_name": "ls_model_name", "ls_provider": "ls_provider"}
TAGS = Entry("run_tags", {"tags": ("tag", "text")})
FIELDS = (*COLUMNS, *ENTRY_OF, *METADATA_FIELDS, "tags", "metadata", "inputs", "outputs")


def shown(column: str, run: str) -> str:
    """Return SQL for a column of the table alias ``run``, as a read shows it."""
    return _SHOWN.get(column, f"{{run}}.{column}").format(run=run)
