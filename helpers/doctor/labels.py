"""What LangSmith would say to the ids in a LiteLLM call's ``metadata``, before the call is made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from helpers.doctor.report import Check
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest import rules
from helpers.langsmith_local.times import microseconds

__all__ = ["metadata"]

TREE = "child_of(get_current_run_tree()) makes the four ids (helpers.nesting)"
THREAD = 'a conversation goes one level deeper: metadata={"metadata": {"thread_id": "..."}}'
OWN = 'an id of your own goes one level deeper: metadata={"metadata": {"order": "..."}}, or in tags'
IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def metadata(given: Mapping[str, Any]) -> Iterator[Check]:
    """Find what makes LangSmith refuse the run of a call, and with it the whole batch.

    ``given`` is the ``metadata`` that an in-process call passes to LiteLLM. Which ids LiteLLM makes
    where some are missing is that of ``LangsmithLogger._ensure_required_ids`` (litellm 1.106.2).
    """
    run = _as_sent(given)
    try:
        checked = rules.check_schema(run, at="post.0", post=True)
        rules.check_order(checked, at="post.0", required=True)
    except Refusal as refusal:
        why = IDS.sub("…", refusal.message.split(" for run_id:")[0])
        detail = f"LangSmith refuses the batch that this run is in, with {refusal.status}: {why}"
        yield Check("metadata", "problem", detail, _mend(why))
        return
    if "session_id" in checked:
        detail = "session_id is the id of a project: if there is none, the batch is refused"
        yield Check("metadata", "warning", detail, THREAD)


def _mend(why: str) -> str:
    """Return what to do about a refusal, by the field that it names."""
    if "post.0.session_id" in why:
        return THREAD
    # An order's number as run_id asks for no tree: the run is to have an id, and the order a label.
    return OWN if "post.0.id" in why else TREE


def _as_sent(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the run that LiteLLM would send, as far as they are checked."""
    names = ("parent_run_id", "trace_id", "session_id", "dotted_order")
    run = {name: given[name] for name in names if given.get(name)}
    if run.get("session_id") == run.get("trace_id"):
        run.pop("session_id", None)  # the proxy sets both from one header; LiteLLM drops it then
    own = str(given.get("id", given.get("run_id")) or uuid4())
    root = "parent_run_id" not in run and "dotted_order" not in run
    if root or "trace_id" not in run:
        run["trace_id"] = own
    now = microseconds(datetime.now(UTC).isoformat())
    run.setdefault("dotted_order", rules.dotted_order(now, own))
    return {"name": "LLMRun", "run_type": "llm", "id": own, **run}
