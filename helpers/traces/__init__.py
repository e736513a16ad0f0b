"""Read traces back through LangSmith's own client, as trees that show themselves.

The rule: ``traces.show()`` for what your own functions have sent, ``await traces.wait()`` for what
somebody else sends a moment later, which is LiteLLM's callback, a proxy or another program.

Uses the client's current reading API (``client.runs``; the older one goes in 2027), so that the
same code shows a trace of LangSmith or of the service on this machine. That API is async only:
it is driven from one helper thread with its own event loop, so that ``show()`` also works in a
notebook, whose own loop is busy running the cell.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from helpers import view
from helpers.traces.book import began
from helpers.traces.connection import drive, flush, sending_clients, submit
from helpers.traces.reading import readable_after
from helpers.traces.sending import watch
from helpers.traces.waiting import (
    Flushed,
    matching_runs,
    new_traces,
    newest_there,
    newest_traces,
)
from helpers.view import ReadError, Run, Trace, Traces

if TYPE_CHECKING:
    from langsmith import Client

__all__ = ["ReadError", "Run", "Trace", "Traces", "explore", "query", "show", "wait"]


def show(
    name: str | None = None,
    *,
    project: str | None = None,
    last: int = 1,
    inputs: bool = True,
    outputs: bool = True,
    metadata: bool = False,
    timeout: float | None = None,
    client: Client | None = None,
) -> Trace | Traces:
    """Return the newest trace of ``project`` (default: LANGSMITH_PROJECT), to be shown by a cell.

    ``name`` restricts to root runs of that name; ``last`` gives that many traces, oldest first.
    ``inputs`` and ``outputs`` leave those out, ``metadata`` adds tags and metadata to the text.
    First everything that the SDK (or ``client``, a client of your own) still holds is sent. Then
    it waits until that can be read, up to ``timeout`` seconds: 15 against LangSmith; against this
    machine 1 for runs to end, beyond the service's lag. With a ``timeout`` it also waits for a
    trace that was not returned before. One from before this session is never shown; an older one
    of this session, where a newer may come, says so. No trace is no error: the answer is false and
    says why.
    """
    flushed = _flushed(client)
    shown = drive(newest_traces(name, _project(project), last, timeout, flushed))
    traces = tuple(
        replace(trace, inputs=inputs, outputs=outputs, metadata=metadata) for trace in shown
    )
    return traces[0] if last == 1 and traces else replace(shown, traces=traces)


def explore(
    name: str | None = None, *, project: str | None = None, since: datetime | None = None
) -> Any:
    """Return a widget with the traces of ``project`` (default: LANGSMITH_PROJECT).

    It lists, searches and filters them in LangSmith's language, draws the runs of the one that is
    chosen, shows whole what each holds, compares two, scores, and follows what is sent. They are
    those of this session, or those that began ``since`` a time. Where there is no widget manager it
    is the view of the newest, which ``name`` restricts. ``show`` and ``wait`` take no note of it.
    """
    from helpers.traces.exploring import Explored

    wanted, first = _project(project), since or began()
    newest = drive(newest_there(name, wanted, _flushed(None), since=first))
    return view.explorer(newest, Explored(wanted, first), wanted)


async def wait(
    count: int = 1,
    *,
    name: str | None = None,
    project: str | None = None,
    runs: int = 1,
    timeout: float = 10.0,
) -> Traces:
    """Wait until ``project`` has ``count`` new traces, complete, and return them, oldest first.

    New are those of this session that neither ``wait`` nor ``show`` has returned: a project of
    LangSmith may hold older ones. A trace is complete when its runs have ended and there are
    ``runs`` of them: where layers report each for itself, a child may come after its root.
    Leaves the running event loop free, so that callbacks which send from it get their turn. After
    ``timeout`` seconds it returns what there is, with a note.
    """
    flushed = await asyncio.to_thread(_flushed, None)
    reading = new_traces(
        name, _project(project), count, runs=runs, timeout=timeout, flushed=flushed
    )
    return await asyncio.wrap_future(submit(reading))


def query(
    filter: str | None = None,
    *,
    project: str | None = None,
    trace_filter: str | None = None,
    tree_filter: str | None = None,
    limit: int = 100,
    count: int | None = None,
    timeout: float = 10.0,
) -> list[Run]:
    """Return the newest runs of ``project`` that pass the filters, each without its children.

    ``filter`` judges a run, ``trace_filter`` the root of its trace, ``tree_filter`` any run of its
    trace. It waits until what the SDK has sent can be read, up to ``timeout`` seconds, and with
    ``count`` until so many runs are there. A project that does not exist by then has no runs.
    Raises ``ReadError`` when there are fewer than ``count``, and on a filter that the service
    refuses.
    """
    flushed = _flushed(None)
    filters = {"filter": filter, "trace_filter": trace_filter, "tree_filter": tree_filter}
    asked = {key: value for key, value in filters.items() if value is not None}
    return drive(
        matching_runs(
            _project(project),
            limit=limit,
            filters=asked,
            count=count,
            timeout=timeout,
            flushed=flushed,
        )
    )


def _flushed(client: Client | None) -> Flushed:
    """Have the SDK send what it holds, and return what is known then."""
    lag = drive(readable_after())
    watched = lag is not None or all([watch(each) for each in sending_clients(client)])
    flush(client)
    return Flushed(lag, time.monotonic(), watched)


def _project(name: str | None) -> str:
    return name or os.environ.get("LANGSMITH_PROJECT") or "default"
