"""Read traces back through LangSmith's own client, as trees that show themselves.

Uses the client's current reading API (``client.runs``; the older one goes in 2027), so that the
same code shows a trace of LangSmith or of the service on this machine. That API is async only:
it is driven from one helper thread with its own event loop, so that ``show()`` also works in a
notebook, whose own loop is busy running the cell.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar, overload
from urllib.parse import urlsplit

from helpers import view
from helpers.errors import TutorialError

if TYPE_CHECKING:
    from langsmith import Client

__all__ = ["ReadError", "Run", "Trace", "Traces", "explore", "query", "show", "wait"]

T = TypeVar("T")

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
FLUSH_SECONDS = 10.0
LOCAL_SECONDS, LIVE_SECONDS = 1.0, 15.0
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ReadError(TutorialError):
    """The traces cannot be read: no service, no access, or a filter that it refuses."""


@dataclass(frozen=True, eq=False)
class Run:
    """One run of a trace, as LangSmith gives it back, with its children in the order they began.

    ``status`` is success, error or pending; ``seconds`` and ``first_token_seconds`` count from the
    start; tokens and ``total_cost`` (US dollars) of a parent are the sums beneath it; ``feedback``
    maps a key to its statistics (``avg``, ``n``, ``values`` …).
    """

    id: str
    trace_id: str
    name: str
    start: datetime
    parent_id: str | None = None
    run_type: str = "chain"
    status: str = "success"
    end: datetime | None = None
    seconds: float | None = None
    first_token_seconds: float | None = None
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] | None = None
    error: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    total_cost: float | None = None
    feedback: dict[str, dict[str, Any]] = field(default_factory=dict)
    children: tuple[Run, ...] = field(default=(), repr=False)

    def walk(self) -> Iterator[Run]:
        """Yield this run and all beneath it, parents before children."""
        stack = [self]
        while stack:
            run = stack.pop()
            yield run
            stack += reversed(run.children)

    def find(self, name: str) -> Run:
        """Return the first run called ``name``; raise ``ReadError`` naming those there are."""
        for run in self.walk():
            if run.name == name:
                return run
        names = ", ".join(dict.fromkeys(run.name for run in self.walk()))
        raise ReadError(f'No run is called "{name}" in this trace. Its runs: {names}.')

    @property
    def complete(self) -> bool:
        """Whether this run and all beneath it have ended."""
        return all(run.status != "pending" for run in self.walk())


@dataclass(frozen=True, eq=False)
class Trace:
    """One trace: its root run, and what to show of it. ``url`` opens it in LangSmith."""

    root: Run
    project: str = "default"
    url: str | None = None
    note: str = ""
    inputs: bool = True
    outputs: bool = True
    metadata: bool = False

    def __str__(self) -> str:
        return view.text(self)

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": view.text(self), "text/html": view.html(self)}


@dataclass(frozen=True, eq=False, repr=False)
class Traces(Sequence[Trace]):
    """Traces of a project, oldest first; empty (and false) with a note that says why."""

    traces: tuple[Trace, ...] = ()
    project: str = "default"
    note: str = ""

    @overload
    def __getitem__(self, index: int) -> Trace: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Trace, ...]: ...
    def __getitem__(self, index: int | slice) -> Trace | tuple[Trace, ...]:
        return self.traces[index]

    def __len__(self) -> int:
        return len(self.traces)

    @property
    def root(self) -> Run:
        """The root run of the newest trace; raises ``ReadError`` with the note if there is none."""
        if not self.traces:
            raise ReadError(self.note)
        return self.traces[-1].root

    def __str__(self) -> str:
        notes = [self.note] if self.note else []
        return "\n\n".join(notes + [str(trace) for trace in self.traces])

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        note = view.notice(self.note) if self.note else ""
        drawn = note + "".join(view.html(trace) for trace in self.traces)
        return {"text/plain": str(self), "text/html": drawn}


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
    _flush(client)
    shown = _drive(_newest(name, _project(project), last, timeout))
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
    timeout: float = 10.0,
) -> Traces:
    """Wait until ``project`` has ``count`` new traces, complete, and return them, oldest first.

    New are those that began after the ones an earlier ``wait`` with this ``name`` and ``project``
    returned, and after this process's tracing began: a project of LangSmith may hold older ones.
    Leaves the running event loop free, so that callbacks which send from it get their turn. After
    ``timeout`` seconds it returns what there is, with a note.
    """
    deadline = time.monotonic() + timeout
    await asyncio.to_thread(_flush)
    project, pause = _project(project), 0.05
    key = (_client().api_url, project, name)
    before = _awaited.get(key, _BEGAN)
    while True:
        found = await asyncio.wrap_future(_submit(_fetch(name, project, count)))
        new = tuple(trace for trace in found if trace.root.start > before)
        complete = len(new) >= count and all(trace.root.complete for trace in new)
        if complete or time.monotonic() + pause > deadline:
            break
        await asyncio.sleep(pause)
        pause = min(pause * 1.6, 1.0)
    _awaited[key] = max((trace.root.start for trace in new), default=before)
    late = "" if complete else f"{len(new)} of {count} traces were complete after {timeout:g} s"
    return replace(found, traces=new, note=found.note or late)


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
    _flush()
    filters = {"filter": filter, "trace_filter": trace_filter, "tree_filter": tree_filter}
    asked = {key: value for key, value in filters.items() if value is not None}

    async def read() -> list[Run]:
        project_id = await _project_id(_project(project))
        found = await _query(project_id, limit, selects=SELECTS, **asked) if project_id else []
        return [_run(item) for item in found]

    return _drive(read())


# ------------------------------------------------------------------------------------- reading


async def _newest(name: str | None, project: str, last: int, timeout: float | None) -> Traces:
    """Read the newest traces, again and again until they are complete and new."""
    local = urlsplit(_client().api_url).hostname in LOOPBACK
    given = timeout is not None
    timeout = timeout if timeout is not None else LOCAL_SECONDS if local else LIVE_SECONDS
    late = given or not local  # whether a trace may come after the flush
    deadline, pause = time.monotonic() + timeout, 0.02 if local else 0.3
    before = _shown.get((_client().api_url, project), _BEGAN)
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
    _shown[_client().api_url, project] = max(newest, before)
    if found and late and newest <= before:
        note = f"no newer trace arrived within {timeout:g} s; this is the newest"
        found = replace(found, traces=(*found[:-1], replace(found[-1], note=note)))
    return found


async def _fetch(name: str | None, project: str, count: int) -> Traces:
    """Read the newest ``count`` traces of ``project`` whose root is called ``name``."""
    project_id = await _project_id(project)
    if project_id is None:
        return Traces(project=project, note=_why_none(name, project, there=[]))
    only = {"filter": f"eq(name, {json.dumps(name, ensure_ascii=False)})"} if name else {}
    roots = await _query(project_id, count, selects=ROOT_SELECTS, is_root=True, **only)
    if not roots:
        there = await _query(project_id, 20, selects=["NAME"], is_root=True) if name else []
        note = _why_none(name, project, there=[run.name or "" for run in there])
        return Traces(project=project, note=note)
    read = [_trace(project_id, project, root) for root in reversed(roots)]
    traces = await asyncio.gather(*read)
    return Traces(traces=tuple(trace for trace in traces if trace), project=project)


async def _trace(project_id: str, project: str, root: Any) -> Trace | None:
    trace_id = root.trace_id or root.id
    runs, url = await asyncio.gather(
        _query(project_id, None, selects=SELECTS, trace_id=trace_id, include_subtree_usage=True),
        _url(project_id, trace_id, root.id),
    )
    tree = _tree([_run(run) for run in runs], root.id)
    return Trace(root=tree, project=project, url=url) if tree else None


async def _query(project_id: str, limit: int | None, **asked: Any) -> list[Any]:
    """Return the first ``limit`` runs, newest first, of a query; all of them for None."""
    now = datetime.now(UTC)
    page = min(limit or 1000, 1000)
    found: list[Any] = []
    async for run in _client().runs.query(
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
        project = await asyncio.to_thread(_client().read_project, project_name=name)
    except LangSmithNotFoundError:
        return None
    return str(project.id)


async def _url(project_id: str, trace_id: str, run_id: str) -> str | None:
    import langsmith

    try:
        found = await _client().runs.get_url(run_id, project_id=project_id, trace_id=trace_id)
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


def _tree(runs: Iterable[Run], root_id: str) -> Run | None:
    """Return the root with its children, and theirs; a run whose parent is missing goes to it."""
    by_id = {run.id: run for run in runs}
    children: dict[str, list[str]] = {}
    for run in sorted(by_id.values(), key=lambda run: (run.start, run.id)):
        if run.id != root_id:
            parent = run.parent_id if run.parent_id in by_id else root_id
            children.setdefault(parent or root_id, []).append(run.id)
    order, stack = [], [root_id] if root_id in by_id else []
    while stack:
        order.append(stack.pop())
        stack += children.get(order[-1], [])
    for run_id in reversed(order):  # children before their parents, without recursion
        beneath = tuple(by_id[child] for child in children.get(run_id, []))
        by_id[run_id] = replace(by_id[run_id], children=beneath)
    return by_id.get(root_id)


# ----------------------------------------------------------------------------------- no traces


def _why_none(name: str | None, project: str, *, there: list[str]) -> str:
    """Say that there is no trace, and what may be the reason."""
    if there:
        names = ", ".join(dict.fromkeys(there))
        return f'No trace called "{name}" in project {project} yet.\n- Its traces: {names}.'
    wanted = f' called "{name}"' if name else ""
    reasons = [*_tracing_reasons(), *_project_reasons(project)]
    reasons.append("Nothing that is traced has been called, or its call has not ended.")
    reasons.append(
        "A callback of LiteLLM sends in batches, every 5 s: `await traces.wait()` waits for it."
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
    asked = utils is not None and utils.get_tracer_project.cache_info().currsize
    used = utils.get_tracer_project() if asked else project
    if used != project:
        yield f"The SDK sends to project {used}: it keeps the first LANGSMITH_PROJECT it read."


def _project(name: str | None) -> str:
    return name or os.environ.get("LANGSMITH_PROJECT") or "default"


# ------------------------------------------------------------------------ client, flush, thread

_BEGAN = datetime.now(UTC)
_shown: dict[tuple[str, str], datetime] = {}  # start of the newest trace shown of a project
_awaited: dict[tuple[str, str, str | None], datetime] = {}  # the same of those that wait returned
_clients: dict[tuple[str | None, ...], Client] = {}
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None


def _client() -> Client:
    """Return the client that reads; the SDK's own would be bound to the loop of a cell."""
    import langsmith

    names = ("LANGSMITH_ENDPOINT", "LANGSMITH_API_KEY", "LANGSMITH_WORKSPACE_ID")
    key = tuple(os.environ.get(name) for name in names)
    with _lock:
        if key not in _clients:
            # No batching: this client sends nothing, so it needs no thread that does.
            _clients[key] = langsmith.Client(auto_batch_tracing=False)
        return _clients[key]


def _flush(client: Client | None = None, *, timeout: float = FLUSH_SECONDS) -> None:
    """Send what ``client`` and the SDK's own client hold, if there is one; never hang."""
    # get_cached_client() would make one, and with it a thread and a request.
    own = getattr(sys.modules.get("langsmith.run_trees"), "_CLIENT", None)
    threads = [
        threading.Thread(target=each.flush, kwargs={"timeout": timeout}, daemon=True)
        for each in (own, client)
        if each is not None
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout)


def _drive(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` on the helper thread's loop and wait for its result, in any thread."""
    import langsmith
    from langsmith.utils import LangSmithError

    future = _submit(work)
    try:
        return future.result()
    except (LangSmithError, langsmith.APIError) as error:
        raise ReadError(_explain(error)) from error
    except BaseException:
        future.cancel()
        raise


def _submit(work: Coroutine[Any, Any, T]) -> Any:
    global _loop, _thread
    with _lock:
        if _loop is None or _thread is None or not _thread.is_alive():
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_loop.run_forever, name="traces", daemon=True)
            _thread.start()
        return asyncio.run_coroutine_threadsafe(work, _loop)


def _explain(error: Exception) -> str:
    body = getattr(error, "body", None)
    detail = body.get("detail") if isinstance(body, Mapping) else None
    if getattr(error, "status_code", None) in (400, 422):
        return f"LangSmith refused the query: {detail or error}"
    where = urlsplit(_client().api_url)
    place = "the service on this machine" if where.hostname in LOOPBACK else where.hostname
    return (
        f"The traces could not be read from {place}: {detail or type(error).__name__}. "
        "Run the notebook's first cell again; `python -m helpers doctor` shows address and key."
    )
