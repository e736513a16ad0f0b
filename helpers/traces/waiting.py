"""Read again and again, until what is asked for is there, new and whole.

Everything here runs on the loop of ``helpers.traces.connection``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from helpers import session
from helpers.traces import reading, sending
from helpers.traces.absence import why_none
from helpers.traces.book import began, book_of
from helpers.traces.connection import reader
from helpers.traces.patience import Patience
from helpers.view import ReadError, Run, Trace, Traces

__all__ = ["Flushed", "matching_runs", "new_traces", "newest_there", "newest_traces"]

# How long runs may take to end, and how long what is new to come where nobody says how late it is.
LOCAL_SECONDS, LIVE_SECONDS = 1.0, 15.0
# Of what the SDK's clients send all is seen; of what a callback or a proxy sends, nothing.
SENT_NOTHING = (
    "the SDK's client has sent no newer trace; this is the newest that can be read. What a "
    "callback or a proxy sends comes later: `await traces.wait()`"
)


@dataclass(frozen=True)
class Flushed:
    """What is known once the SDK has sent what it held, ``at`` a point of ``time.monotonic()``.

    ``lag`` is how much later that is readable (None: nobody says), ``watched`` whether all that
    the SDK has sent was seen (``sending``).
    """

    lag: float | None
    at: float
    watched: bool = False

    @property
    def time(self) -> datetime:
        """When that was."""
        return datetime.now(UTC) - timedelta(seconds=monotonic() - self.at)


@dataclass
class _Look:
    """What one reading gave: root runs, newest first, and the traces chosen, oldest first."""

    project_id: str | None
    roots: list[Any]
    chosen: list[Any]
    traces: list[Trace]

    @property
    def state(self) -> tuple[Any, ...]:
        runs = [(run.id, run.status) for trace in self.traces for run in trace.root.walk()]
        return (*((root.id, root.status) for root in self.roots), *runs)

    def lacks(self, sent: sending.Sent) -> sending.Sent:
        """Return the traces of ``sent`` that cannot be read, or not with all their runs."""
        there = {root.trace_id or root.id for root in self.roots}
        read = {trace.root.id: {run.id for run in trace.root.walk()} for trace in self.traces}
        return {
            trace: runs
            for trace, runs in sent.items()
            if trace not in there or runs - read.get(trace, runs)
        }


async def newest_traces(
    name: str | None, project: str, last: int, timeout: float | None, flushed: Flushed
) -> Traces:
    """Return the newest ``last`` traces, once they are whole and what was sent can be read.

    Where a trace may come later than that, because nobody says when it can be read or because a
    ``timeout`` is given, it waits for one that was not returned before.
    """
    book, known = book_of(reader().api_url, project), flushed.lag is not None
    usual = LOCAL_SECONDS if known else LIVE_SECONDS
    patience = Patience(flushed.lag, usual if timeout is None else timeout, flushed.at)
    sent = {} if known else sending.sent(project, name)
    told = timeout is None and flushed.watched  # all that was sent is known, and in ``sent``
    while True:
        patience.begin()
        look = await _look(name, project, last, lambda roots: book.first(roots, name)[:last])
        patience.look(look.state)
        new = any(book.is_new(root, name) for root in look.chosen)
        missing = look.lacks(sent)
        whole = all(trace.root.complete for trace in look.traces) and not missing
        if known and timeout is None:
            enough = patience.settled
        elif new:
            enough = bool(sent) or patience.quiet
        else:
            enough = told and patience.settled
        if (whole and enough) or not await patience.more():
            break
    book.note(name, look.roots, look.traces, asked=flushed.time)
    sending.forget(project, sent)
    if not look.traces:
        return await _none(name, project, look, flushed, len(missing))
    note = _note(new or (known and timeout is None), told, len(missing), patience.timeout)
    newest = replace(look.traces[-1], note=note)
    return Traces(traces=(*look.traces[:-1], newest), project=project)


async def newest_there(
    name: str | None, project: str, flushed: Flushed, *, since: datetime
) -> Traces:
    """Return the newest trace that began ``since``, as it is once what was sent can be read.

    It does not count as returned, so that ``show`` and ``wait`` still have it to give.
    """
    patience = Patience(flushed.lag, LOCAL_SECONDS, flushed.at)
    while True:
        patience.begin()
        look = await _look(name, project, 1, lambda roots: roots[:1], since=since)
        patience.look(look.state)
        whole = all(trace.root.complete for trace in look.traces)
        enough = patience.settled if flushed.lag is not None else bool(look.traces)
        if (whole and enough) or not await patience.more():
            break
    if not look.traces:
        return await _none(name, project, look, flushed, 0)
    return Traces(tuple(look.traces), project=project)


def _note(new: bool, told: bool, missing: int, seconds: float) -> str:
    if missing:
        runs = "a trace that was" if missing == 1 else f"{missing} traces that were"
        older = "this is the newest that is" if new else "this is an older one"
        return f"{runs} sent could not be read after {seconds:g} s; {older}"
    if new:
        return ""
    if told:
        return SENT_NOTHING
    return f"no newer trace arrived within {seconds:g} s; this is the newest"


async def new_traces(
    name: str | None, project: str, count: int, *, runs: int, timeout: float, flushed: Flushed
) -> Traces:
    """Read until ``count`` new traces are complete, with ``runs``, and no more come.

    ``timeout`` seconds after ``flushed``, and the service's lag, it returns those there are.
    """
    book = book_of(reader().api_url, project)
    patience = Patience(flushed.lag, timeout, flushed.at)

    def choose(roots: list[Any]) -> list[Any]:
        return [root for root in roots if book.is_new(root, name, runs=runs)][:count]

    while True:
        patience.begin()
        look = await _look(name, project, count, choose)
        patience.look(look.state)
        whole = [trace for trace in look.traces if _whole(trace.root, runs)]
        complete = len(look.traces) >= count and len(whole) == len(look.traces)
        if (complete and patience.quiet) or not await patience.more():
            break
    book.note(name, look.roots, look.traces, asked=flushed.time)
    sending.forget(project, {trace.root.id: set() for trace in look.traces})
    if not look.roots:
        return await _none(name, project, look, flushed, 0)
    late = "" if complete else f"{len(whole)} of {count} traces were complete after {timeout:g} s"
    return Traces(traces=tuple(look.traces), project=project, note=late)


async def matching_runs(
    project: str,
    *,
    limit: int,
    filters: Mapping[str, str],
    count: int | None,
    timeout: float,
    flushed: Flushed,
) -> list[Run]:
    """Return the newest ``limit`` runs that pass ``filters``, once all that was sent can be read.

    Raises ``ReadError`` when there are not ``count`` of them in time.
    """
    patience = Patience(flushed.lag, timeout, flushed.at)
    while True:
        patience.begin()
        project_id = await reading.project_id_of(project)
        found = []
        if project_id:
            found = await reading.runs_of(project_id, limit=limit, filters=filters)
        patience.look(tuple((run.id, run.status) for run in found))
        if flushed.lag is not None:
            enough = patience.settled
        else:
            # That no run passes a filter may be so; that a project has none is not yet known.
            enough = patience.quiet and bool(found or (project_id and filters))
        enough = enough and len(found) >= (count or 0)
        if enough or not await patience.more():
            break
    if count is not None and len(found) < count:
        raise ReadError(
            f"{len(found)} of {count} runs of project {project} could be read after {timeout:g} s. "
            "What is missing was not sent, does not pass the filter, or takes longer: ask again."
        )
    return found


async def _look(
    name: str | None, project: str, most: int, choose: Any, *, since: datetime | None = None
) -> _Look:
    project_id = await reading.project_id_of(project)
    if project_id is None:
        return _Look(None, [], [], [])
    roots = await reading.roots_of(project_id, name, most, since=since or began())
    chosen = sorted(choose(roots), key=lambda root: root.start_time)
    return _Look(project_id, roots, chosen, await reading.trees_of(project_id, project, chosen))


async def _none(
    name: str | None, project: str, look: _Look, flushed: Flushed, missing: int
) -> Traces:
    """Return no trace, and say what that may mean."""
    there, older = [], []
    if look.project_id is not None:
        there = await reading.names_of(look.project_id, since=began()) if name else []
        if not there:
            older = await reading.names_of(
                look.project_id, since=datetime.now(UTC) - reading.WINDOW
            )
    running = session.current()
    refused = running.refusals.taken() if running else None
    note = why_none(
        name,
        project,
        there=there,
        older=older,
        missing=missing,
        late=flushed.lag is None,
        refused=str(refused or ""),
    )
    return Traces(project=project, note=note)


def _whole(root: Run, runs: int) -> bool:
    return root.complete and sum(1 for _ in root.walk()) >= runs
