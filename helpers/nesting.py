"""Put the runs of LiteLLM's callback and proxy beneath a run of your own, as one tree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Protocol

    class RunTree(Protocol):
        """``langsmith.RunTree``, as far as it is used here.

        There the name of the project is optional, since a run tree may have its id alone. Those of
        ``get_current_run_tree()`` have a name.
        """

        @property
        def id(self) -> object: ...
        @property
        def trace_id(self) -> object: ...
        @property
        def dotted_order(self) -> str: ...
        @property
        def session_name(self) -> str: ...
        def create_child(self, name: str, run_type: str, *, start_time: datetime) -> RunTree: ...


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
