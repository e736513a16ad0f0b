"""The time of a trace: one axis for the bars of its runs, and how much of it a model took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from helpers.view.numbers import seconds
from helpers.view.records import Run

__all__ = ["Axis", "Span", "is_of_model"]


def is_of_model(run: Run) -> bool:
    """Whether the time of ``run`` is that of a model."""
    return run.run_type in ("llm", "embedding")


class Span:
    """From the start of the first of ``runs`` to the end of the last, and each run's place in it.

    ``several`` says whether bars tell something: a single run is the whole of its trace.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self.several = len(runs) > 1
        self.start: datetime = min(run.start for run in runs)
        self.span = max((_end(run) - self.start).total_seconds() for run in runs)

    def place(self, run: Run) -> tuple[float, float]:
        """Return where the bar of ``run`` begins and how wide it is, in percent of the axis."""
        if self.span <= 0:
            return 0.0, 100.0
        left = 100 * (run.start - self.start).total_seconds() / self.span
        width = 100 * (_end(run) - run.start).total_seconds() / self.span
        if run.status == "pending":  # as far as is known
            width = 100 - left
        return left, max(min(width, 100 - left), 0.0)


class Axis(Span):
    """The span of all runs under ``root``, and how much of it a model took."""

    def __init__(self, root: Run) -> None:
        runs = list(root.walk())
        super().__init__(runs)
        asked = [(run.start, _end(run)) for run in runs if is_of_model(run)]
        known = self.several and asked and all(run.status != "pending" for run in runs)
        self._model = _covered(asked) if known else None

    def parts(self) -> tuple[str, str] | None:
        """Return how long a model was at work, and the rest of the trace, in seconds.

        Calls that overlap count once. None where it is not known: nothing is of a model, a run is
        pending, or the run is alone and its duration says it.
        """
        if self._model is None:
            return None
        return seconds(self._model), seconds(self.span - self._model)


def _end(run: Run) -> datetime:
    return run.end if run.end is not None and run.end > run.start else run.start


def _covered(spans: Iterable[tuple[datetime, datetime]]) -> float:
    """Return how many seconds lie in at least one of ``spans``."""
    total, reached = 0.0, None
    for start, end in sorted(spans):
        begin = start if reached is None else max(start, reached)
        total += max((end - begin).total_seconds(), 0.0)
        reached = end if reached is None else max(end, reached)
    return total
