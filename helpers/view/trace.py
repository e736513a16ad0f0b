"""Traces as records that show themselves, in a terminal and under a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

from helpers.view.html import html, notice
from helpers.view.records import Drawing, ReadError, Run
from helpers.view.text import text
from helpers.view.values import plain

__all__ = ["Trace", "Traces"]

ROOM = '<div style="height:16px"></div>'  # between two traces


@dataclass(frozen=True, eq=False, repr=False)
class Trace(Drawing):
    """One trace: its root run, and what to show of it. ``url`` is its page in LangSmith."""

    def __str__(self) -> str:
        return text(self)

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": text(self), "text/html": html(self)}


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
        notes = [plain(self.note)] if self.note else []
        return "\n\n".join(notes + [str(trace) for trace in self.traces])

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        note = notice(self.note) if self.note else ""
        drawn = note + ROOM.join(html(trace) for trace in self.traces)
        return {"text/plain": str(self), "text/html": drawn}
