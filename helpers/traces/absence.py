"""Why a project has no trace: what the environment and the SDK say about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

__all__ = ["why_none"]


def why_none(
    name: str | None,
    project: str,
    *,
    there: Sequence[str] = (),
    older: Sequence[str] = (),
    missing: int = 0,
    late: bool = False,
    refused: str = "",
) -> str:
    """Say that there is no trace called ``name`` (None: none at all), and what may be the reason.

    ``there`` are the names of the traces that began in this session, ``older`` of those that began
    before, the newest first. ``missing`` is how many were sent that cannot be read, ``late``
    whether the service may need longer for that than was waited, ``refused`` the cause and what
    mends it where the service did not take what was sent.
    """
    if there:
        names = ", ".join(dict.fromkeys(there))
        return f'No trace called "{name}" in project {project} yet.\n- Its traces: {names}.'
    wanted = f' called "{name}"' if name else ""
    if refused:
        return f"No trace{wanted} in project {project}. {refused}"
    if missing and late and not older:
        return (
            f"No trace{wanted} in project {project} yet: LangSmith has taken {missing}, which "
            "cannot be read yet.\nIt makes readable later what it has taken: run this cell again."
        )
    reasons = [*_tracing_reasons(), *_project_reasons(project)]
    if missing:
        reasons.insert(0, f"LangSmith has taken {missing} and does not give them back yet.")
    reasons.append("Nothing that is traced has been called, or its call has not ended.")
    reasons.append(
        "A callback of LiteLLM sends in batches, every 5 s: `await traces.wait()` waits for it."
    )
    if late:
        reasons.append("LangSmith makes readable later what it has taken: run this cell again.")
    if older:
        reasons.append(
            f'What is there is older than this session, the newest is "{older[0]}": '
            "`traces.query()` reads it."
        )
    return "\n- ".join([f"No trace{wanted} in project {project} yet. Likely reasons:", *reasons])


def _tracing_reasons() -> Iterator[str]:
    value = os.environ.get("LANGSMITH_TRACING")
    now = "is not set" if value is None else f'is "{value}"'
    if value != "true":
        yield f'LANGSMITH_TRACING {now}; the SDK traces only when it is exactly "true".'
    utils = sys.modules.get("langsmith.utils")
    if value == "true" and utils is not None and not utils.tracing_is_enabled():
        yield (
            'LANGSMITH_TRACING is "true" now, but the SDK read it before and keeps what it read: '
            "call langsmith.utils.get_env_var.cache_clear(), or restart the kernel."
        )
    rate = os.environ.get("LANGSMITH_TRACING_SAMPLING_RATE")
    if rate:
        yield f"LANGSMITH_TRACING_SAMPLING_RATE is {rate}: that share of the traces is sent."


def _project_reasons(project: str) -> Iterator[str]:
    utils = sys.modules.get("langsmith.utils")
    # Asking an SDK that has not read the variable yet would make it keep the value of now.
    if utils is None or not utils.get_tracer_project.cache_info().currsize:
        return
    used = utils.get_tracer_project()
    if used != project:
        yield f"The SDK sends to project {used}: it keeps the first LANGSMITH_PROJECT it read."
