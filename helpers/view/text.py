"""A trace as text: what a terminal shows and what nbval compares."""

from __future__ import annotations

from collections.abc import Iterator

from helpers.view.facts import (
    MAX_DEPTH,
    MAX_LINE,
    MAX_RUNS,
    count_line,
    error_line,
    facts_of,
    labels_of,
    outputs_of,
    stars_of,
)
from helpers.view.records import Drawing, Run
from helpers.view.values import clip, plain, summary_lines

__all__ = ["text"]


def text(trace: Drawing) -> str:
    """Return the tree of ``trace``, a line a run and below it what went in and came out."""
    lines = [f"({trace.note})"] if trace.note else []
    budget = [MAX_RUNS]
    lines += _text_run(trace.root, None, trace, budget, first="", rest="", depth=0)
    return "\n".join(lines)


def _text_run(
    run: Run,
    parent: Run | None,
    trace: Drawing,
    budget: list[int],
    *,
    first: str,
    rest: str,
    depth: int,
) -> Iterator[str]:
    budget[0] -= 1
    yield first + "  ".join(facts_of(run))
    stem = rest + ("│  " if run.children else "   ")
    for label, value in _told(run, parent, trace):
        yield clip(f"{stem}{label:<4} {value}", MAX_LINE)
    for i, child in enumerate(run.children):
        if not budget[0] or depth == MAX_DEPTH:
            yield f"{rest}└─ … {count_line(run.children[i:])}"
            return
        last = i == len(run.children) - 1
        yield from _text_run(
            child,
            run,
            trace,
            budget,
            first=rest + ("└─ " if last else "├─ "),
            rest=rest + ("   " if last else "│  "),
            depth=depth + 1,
        )


def _told(run: Run, parent: Run | None, trace: Drawing) -> Iterator[tuple[str, str]]:
    """Yield the labelled lines under a run; an empty label continues the one before."""
    if trace.inputs and run.inputs:
        yield from _labelled("in", summary_lines(run.inputs))
    if trace.outputs and (outputs := outputs_of(run)):
        yield from _labelled("out", summary_lines(outputs))
    if run.error:
        yield "✗", plain(error_line(run.error))
    if trace.metadata:
        yield from labels_of(run, parent)
    yield from stars_of(run)


def _labelled(label: str, lines: list[str]) -> Iterator[tuple[str, str]]:
    for i, line in enumerate(lines):
        yield ("" if i else label), line
