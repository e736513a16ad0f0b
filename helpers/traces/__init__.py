"""Read traces back through LangSmith's own client, as trees that show themselves.

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
from typing import TYPE_CHECKING, Any

from helpers import view
from helpers.traces.connection import drive, flush, submit
from helpers.traces.reading import matching_runs, new_traces, newest_traces
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
    First everything that the SDK (or ``client``, a client of your own) still holds is sent. Then it
    waits up to ``timeout`` seconds for the runs to end and, where a trace may arrive late, for one
    newer than was shown before: 15 against LangSmith; against this machine 1, and only for runs to
    end unless ``timeout`` is given. No trace is no error: the answer is false and says why.
    """
    flush(client)
    shown = drive(newest_traces(name, _project(project), last, timeout))
    traces = tuple(
        replace(trace, inputs=inputs, outputs=outputs, metadata=metadata) for trace in shown
    )
    return traces[0] if last == 1 and traces else replace(shown, traces=traces)


def explore(name: str | None = None, **options: Any) -> Any:
    """Return the newest trace as a widget: its runs left, the chosen one's values right.

    Takes what ``show`` takes (``last`` excepted) and returns what ``show`` does if none is there.
    """
    trace = show(name, **options)
    return view.widget(trace) if isinstance(trace, Trace) else trace


async def wait(
    count: int = 1,
    *,
    name: str | None = None,
    project: str | None = None,
    runs: int = 1,
    timeout: float = 10.0,
) -> Traces:
    """Wait until ``project`` has ``count`` new traces, complete, and return them, oldest first.

    New are those that began after the ones an earlier ``wait`` with this ``name`` and ``project``
    returned, and after this process's tracing began: a project of LangSmith may hold older ones.
    A trace is complete when its runs have ended and there are ``runs`` of them: where layers report
    each for itself, a child may come after its root.
    Leaves the running event loop free, so that callbacks which send from it get their turn. After
    ``timeout`` seconds it returns what there is, with a note.
    """
    deadline = time.monotonic() + timeout
    await asyncio.to_thread(flush)
    reading = new_traces(
        name, _project(project), count, runs=runs, timeout=timeout, deadline=deadline
    )
    return await asyncio.wrap_future(submit(reading))


def query(
    filter: str | None = None,
    *,
    project: str | None = None,
    trace_filter: str | None = None,
    tree_filter: str | None = None,
    limit: int = 100,
) -> list[Run]:
    """Return the newest runs of ``project`` that pass the filters, each without its children.

    ``filter`` judges a run, ``trace_filter`` the root of its trace, ``tree_filter`` any run of its
    trace. A project that does not exist has no runs. Raises ``ReadError`` on a filter that the
    service refuses.
    """
    flush()
    filters = {"filter": filter, "trace_filter": trace_filter, "tree_filter": tree_filter}
    asked = {key: value for key, value in filters.items() if value is not None}
    return drive(matching_runs(_project(project), limit=limit, filters=asked))


def _project(name: str | None) -> str:
    return name or os.environ.get("LANGSMITH_PROJECT") or "default"
