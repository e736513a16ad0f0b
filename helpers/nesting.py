"""Put the runs of LiteLLM's callback and proxy beneath a run of your own, as one tree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree

__all__ = ["child_of"]


def child_of(run_tree: RunTree | None) -> dict[str, str]:
    """Return the metadata that puts LiteLLM's run of one call beneath ``run_tree``."""
    if run_tree is None:  # nothing is traced here, so LiteLLM's run is a root
        return {}
    child = run_tree.create_child("LLMRun", "llm", start_time=datetime.now(UTC))
    return {
        "run_id": str(child.id),
        "parent_run_id": str(run_tree.id),
        "trace_id": str(child.trace_id),
        "dotted_order": child.dotted_order,
        "project_name": child.session_name,
    }
