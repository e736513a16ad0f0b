"""A trace as a tree with a bar for each run, all on one axis of time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.view import Run
from helpers.view.axis import Span

__all__ = ["DEEPEST", "Bar", "Step", "Waterfall", "waterfall"]

DEEPEST = 30  # levels that are drawn inside each other; browsers end at 512, and eyes before
INTERVALS = 2.6  # at most: there is room for three numbers
LEAST_TICK = 0.01  # seconds; what is written has two decimals


@dataclass(frozen=True)
class Bar:
    """Where a run stands on the axis: its left end and its width, in percent."""

    left: float
    width: float


@dataclass(frozen=True)
class Step:
    """One run of the tree, in the order in which they are written.

    ``opens`` tells that runs follow beneath it, ``closes`` how many levels end after it.
    """

    run: Run
    opens: bool
    closes: int
    bar: Bar | None


@dataclass(frozen=True)
class Waterfall:
    """The steps of a trace; ``ticks`` are the seconds to write on the axis and their places.

    Without ticks there is no axis, since it would say nothing: of a single run, or of no time.
    """

    steps: tuple[Step, ...]
    ticks: tuple[tuple[float, float], ...]


def waterfall(runs: Sequence[Run]) -> Waterfall:
    """Return the tree of a trace's runs, which are given in order of their dotted orders.

    One whose parent is not among them stands at the top.
    """
    placed = _placed(runs)
    axis = Span(runs)
    drawn = axis.several and axis.span > 0
    steps = []
    for at, (run, depth) in enumerate(placed):
        after = placed[at + 1][1] if at + 1 < len(placed) else 0
        steps.append(
            Step(run, after > depth, max(depth - after, 0), _bar(axis, run) if drawn else None)
        )
    return Waterfall(tuple(steps), _ticks(axis.span) if drawn else ())


def _placed(runs: Sequence[Run]) -> list[tuple[Run, int]]:
    """Return the runs, parents before what is beneath them, each with its depth."""
    known = {run.id for run in runs}
    beneath: dict[str | None, list[Run]] = {}
    for run in runs:
        parent = run.parent_id if run.parent_id in known and run.parent_id != run.id else None
        beneath.setdefault(parent, []).append(run)
    stack = [(run, 0) for run in reversed(beneath.get(None, []))]
    found: dict[str, tuple[Run, int]] = {}
    while stack:
        run, depth = stack.pop()
        found[run.id] = run, depth
        deeper = min(depth + 1, DEEPEST)
        stack += [(child, deeper) for child in reversed(beneath.get(run.id, []))]
    # Runs that stand above each other in a circle are beneath no top.
    return [*found.values(), *((run, 0) for run in runs if run.id not in found)]


def _bar(axis: Span, run: Run) -> Bar:
    left, width = axis.place(run)
    return Bar(round(left, 2), round(width, 2))


def _ticks(span: float) -> tuple[tuple[float, float], ...]:
    """Return round seconds within the span, each with its place in percent."""
    rough = span / INTERVALS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    if step < LEAST_TICK:
        return (0.0, 0.0), (span, 100.0)
    count = math.floor(span / step + 1e-9)
    return tuple((at * step, round(100 * at * step / span, 2)) for at in range(count + 1))
