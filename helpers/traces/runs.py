"""Runs and traces as records that show themselves, and the tree that runs make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, overload

from helpers import view
from helpers.errors import TutorialError

__all__ = ["ReadError", "Run", "Trace", "Traces", "tree"]


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


def tree(runs: Iterable[Run], root_id: str) -> Run | None:
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
