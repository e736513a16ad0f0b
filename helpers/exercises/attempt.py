"""One attempt at an exercise: from its first line on, whatever is sent counts."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from helpers import session, traces
from helpers.exercises.declaration import Exercise
from helpers.exercises.evidence import Evidence, Lacking
from helpers.exercises.ledger import Ledger
from helpers.exercises.verdict import Note, Verdict
from helpers.ipython import shell
from helpers.traces.connection import reads_here
from helpers.view import Run

__all__ = ["Attempt", "same_code"]

# How long what was sent may take to be whole. The service on this machine says when all of it can
# be read; what is waited for beyond that is LiteLLM, which reports when a call is over.
LOCAL_SECONDS, LIVE_SECONDS = 2.0, 20.0
BATCH_SECONDS = 6.0  # LiteLLM's callback empties its queue every 5
SETTLE_SECONDS = 0.3  # after which a right attempt is looked at again: what is double comes late
MOST = 1000  # runs that are read


class Attempt:
    """An attempt at ``exercise``, begun when it was made; see ``helpers.exercises``."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self._begun = datetime.now(UTC)
        self._hints = 0
        self._cells = _Cells.watch(exercise)

    def __repr__(self) -> str:
        return f"{self.exercise.name}: {self.exercise.title}"

    async def check(self, timeout: float | None = None) -> Verdict:
        """Judge what was sent since the attempt began; say what is missing, and where to read.

        Waits up to ``timeout`` seconds for what is under way (default: 2 here, 20 for LangSmith),
        and leaves the event loop free, so that LiteLLM can report. Raises ``ReadError`` when the
        traces cannot be read.
        """
        if self._untried() and not (await self._evidence()).roots:
            opening = self.exercise.opening
            line = f"Write your code beneath `{opening}`, run that cell, and then this one."
            return Verdict(self.exercise.name, "untried", (line,))
        if timeout is None:
            timeout = LOCAL_SECONDS if reads_here() else LIVE_SECONDS
        lack = await self._judged(timeout)
        lines = [f"Also right: {self.exercise.also}"] if lack is None else self._lacking(lack)
        if note := Ledger.of_learner().note(self.exercise, right=lack is None):
            lines.append(note)
        return Verdict(self.exercise.name, "wrong" if lack else "right", tuple(lines))

    def hint(self) -> Note:
        """Return a hint; asked again, one that says more, up to the last."""
        hints = self.exercise.hints
        number = min(self._hints, len(hints) - 1)
        self._hints += 1
        more = "" if number == len(hints) - 1 else " Ask again for more."
        return Note(f"Hint {number + 1} of {len(hints)}\n{hints[number]}{more}")

    def solution(self) -> Note:
        """Return one way to do it; what else is right stands beneath."""
        first = self.exercise.right[0]
        return Note(
            f"One solution of {self.exercise.name}\n{first}\n\nAlso right: {self.exercise.also}"
        )

    async def _judged(self, timeout: float) -> Lacking | None:
        """Return what is lacking when nothing more is under way, or None."""
        begun, pause = time.monotonic(), 0.1
        settled = False
        while True:
            lack = self._lack(await self._evidence())
            if lack is None:
                if settled:
                    return None
                settled = True
                await asyncio.sleep(SETTLE_SECONDS if reads_here() else SETTLE_SECONDS * 10)
                continue
            settled = False
            longer = _queued() or _reporting()
            end = begun + (max(timeout, BATCH_SECONDS) if longer else timeout)
            if time.monotonic() >= end:
                return lack
            await asyncio.sleep(min(pause, max(0.0, end - time.monotonic())))
            pause = min(pause * 1.5, 0.5 if reads_here() else 2.0)

    def _lack(self, evidence: Evidence) -> Lacking | None:
        try:
            self.exercise.judge(evidence)
        except Lacking as lack:
            return lack
        return None

    async def _evidence(self) -> Evidence:
        names = self.exercise.projects or (os.environ.get("LANGSMITH_PROJECT") or "default",)
        found: dict[str, Iterable[Run]] = {}
        since = f'gte(start_time, "{self._begun.isoformat()}")'
        for name in names:
            project = session.project(name) if self.exercise.projects else name
            runs = await asyncio.to_thread(traces.query, since, project=project, limit=MOST)
            # A service that rounds a point in time may give a run from just before.
            found[name] = [run for run in runs if run.start >= self._begun]
        return Evidence.of(found)

    def _lacking(self, lack: Lacking) -> list[str]:
        lines = [f"Expected: {lack.expected}.", f"Found: {lack.found}."]
        if (error := self._cells.error) is not None:
            lines.append(f"Your cell ended with {error}")
        lines.append(f"Read: “{self.exercise.section}”, or ask {self.exercise.name}.hint().")
        return lines

    def _untried(self) -> bool:
        """Whether all that has run since is the blank cell as it was, and questions about it."""
        blank = self.exercise.blank
        return all(same_code(source, blank) for source in self._cells.sources)


class _Cells:
    """What has run since an attempt began, its own cell first; questions about it aside."""

    def __init__(self, exercise: Exercise) -> None:
        self._asked = (f"await {exercise.name}.", f"{exercise.name}.")
        self.sources: list[str] = []
        self.error: str | None = None  # with which the last of them ended, if it did

    @classmethod
    def watch(cls, exercise: Exercise) -> _Cells:
        """Begin to watch, where there are cells, and end to watch for an attempt before."""
        watched = cls(exercise)
        if (running := shell()) is not None:
            for known in list(running.events.callbacks["post_run_cell"]):
                if isinstance(getattr(known, "__self__", None), _Cells):
                    running.events.unregister("post_run_cell", known)
            running.events.register("post_run_cell", watched.after)
        return watched

    def after(self, result: Any) -> None:
        """Take note of a cell that has run (IPython calls this)."""
        source = getattr(result.info, "raw_cell", None) or ""
        if source.strip().startswith(self._asked):
            return
        self.sources.append(source)
        error = result.error_in_exec or result.error_before_exec
        text = str(error).strip().split("\n")[0][:200] if error else ""
        self.error = f"{type(error).__name__}: {text}" if error else None


def same_code(one: str, other: str) -> bool:
    """Whether two cells are the same but for comments and empty lines."""
    return _bare(one) == _bare(other)


def _bare(source: str) -> list[str]:
    lines = (line.partition("#")[0].rstrip() for line in source.splitlines())
    return [line for line in lines if line]


def _queued() -> bool:
    """Whether a logger of LiteLLM's in this process holds what it has not sent yet."""
    litellm = sys.modules.get("litellm")
    lists = ("callbacks", "success_callback", "_async_success_callback")
    loggers = [each for name in lists for each in getattr(litellm, name, ())]
    return any(getattr(each, "log_queue", None) for each in loggers)


def _reporting() -> bool:
    """Whether a thread of LiteLLM's has a call to report yet, as it has of a synchronous one.

    The first such report loads modules, and takes seconds on a busy machine (litellm 1.106.2,
    ``litellm_core_utils/thread_pool_executor.py``: a slot is taken for each).
    """
    module = sys.modules.get("litellm.litellm_core_utils.thread_pool_executor")
    executor = getattr(module, "executor", None)
    free = getattr(getattr(executor, "_pending_slots", None), "_value", None)
    most = getattr(executor, "_max_pending_tasks", None)
    return isinstance(free, int) and isinstance(most, int) and free < most
