"""From a run as JSON to the columns of the ``runs`` table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from helpers.langsmith_local.times import microseconds

__all__ = ["Shown", "columns", "metadata", "status", "thread_id"]

_THREAD_KEYS = ("session_id", "conversation_id", "thread_id")
# What a run's ``extra`` holds beside metadata.
_NOT_METADATA = ("runtime", "metadata", "invocation_params")
#: What the text of an ``extra`` shows: metadata, and what the columns say of it.
Shown = dict[str, tuple[dict[str, Any], dict[str, Any]]]


def columns(run: Mapping[str, Any], texts: Mapping[str, str], known: Shown) -> dict[str, Any]:
    """Return what is known of a run as values of columns; what is not known is left out.

    ``run`` has passed ``rules.check_schema``; ``texts`` are its JSON fields as text. ``known`` is
    filled, for the runs of one program repeat their ``extra``. Beside columns there are
    ``session_id`` and ``session_name`` (the project) and ``usage`` (the ``usage_metadata`` found,
    to be used if the run is an llm run).
    """
    values = {**run, **texts}
    shown: dict[str, Any] = {}
    if "extra" in run:
        text = texts["extra"]
        if text not in known:
            known[text] = _shown(run["extra"])
        shown, told = known[text]
        values.update(told)
    for place in (run.get("outputs"), shown):
        usage = place.get("usage_metadata") if place else None
        if isinstance(usage, dict) and usage:  # an empty one reports nothing
            values["usage"] = usage
            break
    if run.get("events") and (first := _first_token_time(run["events"])):
        values["first_token_time"] = first
    return values


def _shown(extra: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    if not (shown := metadata(extra)):
        return {}, {}
    return shown, {"metadata": orjson.dumps(shown).decode(), "thread_id": thread_id(shown)}


def metadata(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return what LangSmith shows as metadata: ``extra.metadata``.

    LiteLLM's callback sends its metadata as ``extra`` itself; it is shown all the same
    (BerriAI/litellm issues 5738 and 18385), without its many nulls.
    """
    nested = extra.get("metadata")
    if isinstance(nested, dict):
        return nested
    return {
        key: value for key, value in extra.items() if key not in _NOT_METADATA and value is not None
    }


def thread_id(shown: Mapping[str, Any]) -> str | None:
    """Return the thread that metadata names, also in LiteLLM's ``requester_metadata``."""
    for place in (shown, shown.get("requester_metadata")):
        given = place if isinstance(place, dict) else {}
        for key in _THREAD_KEYS:
            if isinstance(given.get(key), str | int) and given[key] != "":
                return str(given[key])
    return None


def status(error: str | None, end_time: int | None) -> str:
    """Return pending, success or error."""
    if error:
        return "error"
    return "pending" if end_time is None else "success"


def _first_token_time(events: Any) -> int | None:
    for event in events:
        if isinstance(event, dict) and event.get("name") == "new_token":
            try:
                return microseconds(event.get("time"))
            except ValueError:
                return None
    return None
