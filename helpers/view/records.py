"""Runs as LangSmith gives them back, and the trees that they make: records without a look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from helpers.errors import TutorialError

__all__ = ["Drawing", "ReadError", "Run", "tree"]


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
class Drawing:
    """What is to be drawn: a trace by its root run, and which parts of its runs to show.

    ``url`` is the page of the root in LangSmith, ``link`` what opens it from where the drawing is
    seen, if that can be; ``note`` stands above the trace.
    """

    root: Run
    project: str = "default"
    url: str | None = None
    link: str | None = None
    note: str = ""
    inputs: bool = True
    outputs: bool = True
    metadata: bool = False


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
