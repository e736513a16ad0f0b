"""Read the runs of a project and build traces of them.

Everything here runs on the loop of ``helpers.traces.connection``.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from helpers import session
from helpers.serving.loopback import leads_here
from helpers.traces.absence import why_none
from helpers.traces.connection import reader
from helpers.view import Run, Trace, Traces, tree

__all__ = ["matching_runs", "new_traces", "newest_traces"]

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
ROOT_SELECTS = ["ID", "NAME", "STATUS", "START_TIME", "TRACE_ID"]
WINDOW = timedelta(days=30)  # without a bound, the API looks back one day
LOCAL_SECONDS, LIVE_SECONDS = 1.0, 15.0

_IMPORTED = datetime.now(UTC)
_shown: dict[tuple[str, str], datetime] = {}  # start of the newest trace shown of a project
_awaited: dict[tuple[str, str, str | None], datetime] = {}  # the same of those that wait returned


def _began() -> datetime:
    """Return since when this process may have made traces; its session may be the elder."""
    running = session.current()
    return min(running.began, _IMPORTED) if running else _IMPORTED


async def newest_traces(name: str | None, project: str, last: int, timeout: float | None) -> Traces:
    """Read the newest traces, again and again until they are complete and new."""
    local = leads_here(reader().api_url)
    given = timeout is not None
    timeout = timeout if timeout is not None else LOCAL_SECONDS if local else LIVE_SECONDS
    late = given or not local  # whether a trace may come after the flush
    deadline, pause = time.monotonic() + timeout, 0.02 if local else 0.3
    before = _shown.get((reader().api_url, project), _began())
    while True:
        found = await _fetch(name, project, last)
        newest = found[-1].root.start if found else before
        complete = all(trace.root.complete for trace in found)
        if complete and (newest > before or not late):
            break
        if time.monotonic() + pause > deadline:
            break
        await asyncio.sleep(pause)
        pause = min(pause * 1.6, 2.0)
    _shown[reader().api_url, project] = max(newest, before)
    if found and late and newest <= before:
        note = f"no newer trace arrived within {timeout:g} s; this is the newest"
        found = replace(found, traces=(*found[:-1], replace(found[-1], note=note)))
    return found


async def new_traces(
    name: str | None, project: str, count: int, *, runs: int, timeout: float, deadline: float
) -> Traces:
    """Read again and again, until ``count`` traces not returned before are complete, with ``runs``.

    ``deadline`` is when ``time.monotonic()`` ends the ``timeout``, which the note then names.
    """
    key, pause = (reader().api_url, project, name), 0.05
    before = _awaited.get(key, _began())
    while True:
        found = await _fetch(name, project, count)
        new = tuple(trace for trace in found if trace.root.start > before)
        whole = [trace for trace in new if _whole(trace.root, runs)]
        complete = len(new) >= count and len(whole) == len(new)
        if complete or time.monotonic() + pause > deadline:
            break
        await asyncio.sleep(pause)
        pause = min(pause * 1.6, 1.0)
    _awaited[key] = max((trace.root.start for trace in new), default=before)
    late = "" if complete else f"{len(whole)} of {count} traces were complete after {timeout:g} s"
    return replace(found, traces=new, note=found.note or late)


def _whole(root: Run, runs: int) -> bool:
    return root.complete and sum(1 for _ in root.walk()) >= runs


async def _fetch(name: str | None, project: str, count: int) -> Traces:
    """Read the newest ``count`` traces of ``project`` whose root is called ``name``."""
    project_id = await _project_id(project)
    if project_id is None:
        return Traces(project=project, note=why_none(name, project, there=[]))
    only = {"filter": f"eq(name, {json.dumps(name, ensure_ascii=False)})"} if name else {}
    roots = await _query(project_id, count, selects=ROOT_SELECTS, is_root=True, **only)
    if not roots:
        there = await _query(project_id, 20, selects=["NAME"], is_root=True) if name else []
        note = why_none(name, project, there=[run.name or "" for run in there])
        return Traces(project=project, note=note)
    read = [_trace(project_id, project, root) for root in reversed(roots)]
    traces = await asyncio.gather(*read)
    return Traces(traces=tuple(trace for trace in traces if trace), project=project)


async def matching_runs(project: str, *, limit: int, filters: Mapping[str, str]) -> list[Run]:
    """Read the newest ``limit`` runs of ``project`` that pass ``filters``, without children."""
    project_id = await _project_id(project)
    found = await _query(project_id, limit, selects=SELECTS, **filters) if project_id else []
    return [_run(item) for item in found]


async def _trace(project_id: str, project: str, root: Any) -> Trace | None:
    trace_id = root.trace_id or root.id
    runs, url = await asyncio.gather(
        _query(project_id, None, selects=SELECTS, trace_id=trace_id, include_subtree_usage=True),
        _url(project_id, trace_id, root.id),
    )
    top = tree([_run(run) for run in runs], root.id)
    return Trace(root=top, project=project, url=url) if top else None


async def _query(project_id: str, limit: int | None, **asked: Any) -> list[Any]:
    """Return the first ``limit`` runs, newest first, of a query; all of them for None."""
    now = datetime.now(UTC)
    page = min(limit or 1000, 1000)
    found: list[Any] = []
    async for run in reader().runs.query(
        project_ids=[project_id],
        min_start_time=now - WINDOW,
        max_start_time=now + timedelta(hours=1),  # the clocks need not agree
        page_size=page,
        **asked,
    ):
        found.append(run)
        if len(found) == limit:
            break
    return found


async def _project_id(name: str) -> str | None:
    """Return the id of the project ``name``: the API takes no names."""
    from langsmith.utils import LangSmithNotFoundError

    try:
        project = await asyncio.to_thread(reader().read_project, project_name=name)
    except LangSmithNotFoundError:
        return None
    return str(project.id)


async def _url(project_id: str, trace_id: str, run_id: str) -> str | None:
    import langsmith

    try:
        found = await reader().runs.get_url(run_id, project_id=project_id, trace_id=trace_id)
    except langsmith.APIError:
        return None
    return found.url


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
