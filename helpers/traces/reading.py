"""Read the runs of a project, as often as asked once, and build traces of them.

Everything here runs on the loop of ``helpers.traces.connection``.
"""

from __future__ import annotations

import asyncio
import json
import weakref
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from helpers.traces.connection import reader
from helpers.traces.opening import link_to
from helpers.view import Run, Trace, tree

if TYPE_CHECKING:
    from langsmith import Client

__all__ = [
    "WINDOW",
    "listed",
    "names_of",
    "project_id_of",
    "readable_after",
    "recent",
    "roots_of",
    "runs_of",
    "trees_of",
    "url_of",
    "whole",
]

SELECTS = [
    "ID",
    "NAME",
    "RUN_TYPE",
    "STATUS",
    "START_TIME",
    "END_TIME",
    "LATENCY_SECONDS",
    "FIRST_TOKEN_TIME",
    "ERROR",
    "METADATA",
    "INPUTS",
    "OUTPUTS",
    "PARENT_RUN_IDS",
    "TRACE_ID",
    "DOTTED_ORDER",
    "TAGS",
    "FEEDBACK_STATS",
    "PROMPT_TOKENS",
    "COMPLETION_TOKENS",
    "TOTAL_TOKENS",
    "TOTAL_COST",
]
LIST_SELECTS = [
    "ID",
    "NAME",
    "STATUS",
    "START_TIME",
    "END_TIME",
    "LATENCY_SECONDS",
    "ERROR",
    "INPUTS",
    "OUTPUTS",
    "TRACE_ID",
    "TOTAL_TOKENS",
    "TOTAL_COST",
]
ROOT_SELECTS = ["ID", "NAME", "STATUS", "START_TIME", "END_TIME", "TRACE_ID"]
WINDOW = timedelta(days=30)  # without a bound, the API looks back one day
AHEAD = timedelta(minutes=1)  # how far the clock of a sender may be ahead of ours
_said: weakref.WeakKeyDictionary[Client, float | None] = weakref.WeakKeyDictionary()
PAGE = 100  # root runs that are looked at beside those that are asked for


async def roots_of(project_id: str, name: str | None, most: int, *, since: datetime) -> list[Any]:
    """Return the newest root runs that began ``since`` then and are called ``name``, newest first.

    They are as the API gives them; ``most`` is how many at least, if there are.
    """
    only = {"filter": f"eq(name, {json.dumps(name, ensure_ascii=False)})"} if name else {}
    asked = {"selects": ROOT_SELECTS, "is_root": True, **only}
    return await _query(project_id, most + PAGE, since=since, **asked)


async def names_of(project_id: str, *, since: datetime) -> list[str]:
    """Return the names of the newest 20 root runs, newest first."""
    runs = await _query(project_id, 20, since=since, selects=["NAME"], is_root=True)
    return [run.name or "" for run in runs]


async def trees_of(project_id: str, project: str, roots: Iterable[Any]) -> list[Trace]:
    """Return the traces of ``roots``, whole as far as they can be read."""
    read = [_trace(project_id, project, root) for root in roots]
    return [trace for trace in await asyncio.gather(*read) if trace]


async def runs_of(project_id: str, *, limit: int, filters: Mapping[str, str]) -> list[Run]:
    """Return the newest ``limit`` runs that pass ``filters``, without children."""
    asked: dict[str, Any] = {"selects": SELECTS, **filters}
    return [_run(item) for item in await _query(project_id, limit, **asked)]


async def listed(
    project_id: str, most: int, *, since: datetime, tree_filter: str | None
) -> list[Run]:
    """Return the newest root runs since then, with what their traces took, without children.

    ``tree_filter`` leaves those whose trace has a run that passes.
    """
    only = {"tree_filter": tree_filter} if tree_filter else {}
    asked = {"selects": LIST_SELECTS, "is_root": True, "include_subtree_usage": True, **only}
    return [_run(item) for item in await _query(project_id, most, since=since, **asked)]


async def recent(project_id: str, most: int, *, since: datetime) -> list[Run]:
    """Return the newest runs since then, roots or not: their trace, status and times alone."""
    asked = {"selects": ROOT_SELECTS}
    return [_run(item) for item in await _query(project_id, most, since=since, **asked)]


async def whole(project_id: str, trace_id: str) -> Run | None:
    """Return a trace by its id, as its root, as far as it can be read; None where there is none."""
    runs = await _query(
        project_id, None, selects=SELECTS, trace_id=trace_id, include_subtree_usage=True
    )
    return tree([_run(run) for run in runs], trace_id)


async def project_id_of(name: str) -> str | None:
    """Return the id of the project ``name``, None if there is none: the API takes no names."""
    from langsmith.utils import LangSmithNotFoundError

    try:
        project = await asyncio.to_thread(reader().read_project, project_name=name)
    except LangSmithNotFoundError:
        return None
    return str(project.id)


async def readable_after() -> float | None:
    """Return how long after it was taken a run can be read at the latest; None if nobody says.

    The service on this machine does, among the flags of ``GET /info``; LangSmith does not.
    """
    from helpers.langsmith_local.app import READABLE_AFTER

    client = reader()
    if client not in _said:
        answer = await asyncio.to_thread(client.request_with_retries, "GET", "/info")
        flags = answer.json().get("instance_flags") or {}
        _said[client] = flags.get(READABLE_AFTER)
    return _said[client]


async def url_of(project_id: str, trace_id: str, run_id: str) -> str | None:
    """Return the address of a run's page, None where the service does not say."""
    import langsmith

    try:
        found = await reader().runs.get_url(run_id, project_id=project_id, trace_id=trace_id)
    except langsmith.APIError:
        return None
    return found.url


async def _trace(project_id: str, project: str, root: Any) -> Trace | None:
    trace_id = root.trace_id or root.id
    top, url = await asyncio.gather(
        whole(project_id, trace_id), url_of(project_id, trace_id, root.id)
    )
    return Trace(root=top, project=project, url=url, link=link_to(url)) if top else None


async def _query(
    project_id: str, limit: int | None, *, since: datetime | None = None, **asked: Any
) -> list[Any]:
    """Return the first ``limit`` runs, newest first, of a query; all of them for None."""
    now = datetime.now(UTC)
    page = min(limit or 1000, 1000)
    found: list[Any] = []
    async for run in reader().runs.query(
        project_ids=[project_id],
        min_start_time=since or now - WINDOW,
        max_start_time=now + AHEAD,
        page_size=page,
        **asked,
    ):
        found.append(run)
        if len(found) == limit:
            break
    return found


def _run(item: Any) -> Run:
    """Return one run of the API as ours: enums in lower case, nothing missing that we name."""
    parents = item.parent_run_ids or []
    first = item.first_token_time
    return Run(
        id=item.id or "",
        trace_id=item.trace_id or item.id or "",
        parent_id=parents[-1] if parents else None,
        name=item.name or "",
        run_type=(item.run_type or "chain").lower(),
        status=(item.status or "pending").lower(),
        start=item.start_time,
        end=item.end_time,
        seconds=item.latency_seconds if item.end_time else None,
        first_token_seconds=(first - item.start_time).total_seconds() if first else None,
        inputs=dict(item.inputs or {}),
        outputs=dict(item.outputs) if item.outputs is not None else None,
        error=item.error or None,
        metadata=dict(item.metadata or {}),
        tags=tuple(item.tags or ()),
        prompt_tokens=item.prompt_tokens,
        completion_tokens=item.completion_tokens,
        total_tokens=item.total_tokens,
        total_cost=item.total_cost,
        feedback={
            key: stats.model_dump(exclude_none=True) if hasattr(stats, "model_dump") else stats
            for key, stats in (item.feedback_stats or {}).items()
        },
    )
