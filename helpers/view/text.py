"""A trace as text: what a terminal shows and what nbval compares."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.view.axis import Axis
from helpers.view.facts import MAX_DEPTH, MAX_LINE, MAX_RUNS, count_line, facts_of, rows_of
from helpers.view.records import Drawing, Run
from helpers.view.values import clip, plain, summary_lines

__all__ = ["text"]


def text(trace: Drawing) -> str:
    """Return the tree of ``trace``, a line a run and below it what went in and came out."""
    lines = [f"({plain(trace.note)})"] if trace.note else []
    shared = trace, Axis(trace.root), [MAX_RUNS]
    lines += _text_run(trace.root, None, shared, first="", rest="", depth=0)
    return "\n".join(lines)


def _text_run(
    run: Run,
    parent: Run | None,
    shared: tuple[Drawing, Axis, list[int]],
    *,
    first: str,
    rest: str,
    depth: int,
) -> Iterator[str]:
    trace, axis, budget = shared
    budget[0] -= 1
    yield first + "  ".join(facts_of(run))
    stem = rest + ("│  " if run.children else "   ")
    for label, value in _told(run, parent, trace, axis):
        yield clip(f"{stem}{label:<4} {value}", MAX_LINE)
    for i, child in enumerate(run.children):
        if not budget[0] or depth == MAX_DEPTH:
            yield f"{rest}└─ … {count_line(run.children[i:])}"
            return
        last = i == len(run.children) - 1
        yield from _text_run(
            child,
            run,
            shared,
            first=rest + ("└─ " if last else "├─ "),
            rest=rest + ("   " if last else "│  "),
            depth=depth + 1,
        )


def _told(run: Run, parent: Run | None, trace: Drawing, axis: Axis) -> Iterator[tuple[str, str]]:
    """Yield the labelled lines under a run; an empty label continues the one before."""
    for label, row in rows_of(run, parent, trace, axis):
        lines = [row] if isinstance(row, str) else summary_lines(row)
        for i, line in enumerate(lines):
            yield ("" if i else label), line
