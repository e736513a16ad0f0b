"""Each exercise, blank and with wrong and right attempts, as a learner would run it.

`python -m pytest tests/grading -v` prints the matrix: a line for each attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from helpers.exercises import catalogue
from helpers.exercises.declaration import Exercise
from helpers.paths import NOTEBOOKS

START = """
import sys
sys.path.insert(0, "..")
from helpers import exercises, session
session.start()
"""
EXERCISES = [each for some in catalogue.every().values() for each in some]


def attempts(exercise: Exercise) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield what each attempt is called, its cell, and what must be said of it."""
    name = exercise.name
    yield "blank", exercise.blank, (f"{name}: not tried yet",)
    for number, wrong in enumerate(exercise.wrong, start=1):
        said = (f"{name}: not yet", wrong.said, f"Read: “{exercise.section}”")
        yield f"wrong {number}", exercise.cell(wrong.code), said
    for number, right in enumerate(exercise.right, start=1):
        yield f"right {number}", exercise.cell(right), (f"{name}: right", "Also right: ")


ROWS = [
    pytest.param(each, cell, said, id=f"{each.lesson} {each.name} {which}")
    for each in EXERCISES
    for which, cell, said in attempts(each)
]


@pytest.fixture(scope="module")
def kernels() -> Iterator[Callable[[str], Callable[[str], str]]]:
    """A kernel for each lesson, begun when it is asked for; the one before is ended."""
    running: dict[str, tuple[KernelManager, Any]] = {}

    def end() -> None:
        for manager, channel in running.values():
            channel.stop_channels()
            manager.shutdown_kernel(now=True)
        running.clear()

    def run_in(lesson: str) -> Callable[[str], str]:
        if lesson not in running:
            end()
            manager = KernelManager()
            manager.start_kernel(cwd=str(NOTEBOOKS))
            channel = manager.blocking_client()
            channel.start_channels()
            running[lesson] = manager, channel
            channel.wait_for_ready(timeout=60)
            execute(channel, START)
        return lambda code: execute(running[lesson][1], code)

    yield run_in
    end()


def execute(channel: Any, code: str) -> str:
    """Run a cell, and return all that it shows as text; an error is part of that."""
    said: list[str] = []

    def show(message: dict[str, Any]) -> None:
        content = message["content"]
        said.append(content.get("text") or content.get("data", {}).get("text/plain", ""))
        said.append(content.get("evalue", ""))

    channel.execute_interactive(code, timeout=120, output_hook=show)
    return "\n".join(part for part in said if part)


@pytest.mark.parametrize(("exercise", "cell", "said"), ROWS)
def test_an_attempt_is_told_what_it_should_be(
    kernels: Callable[[str], Callable[[str], str]],
    exercise: Exercise,
    cell: str,
    said: tuple[str, ...],
) -> None:
    run = kernels(exercise.lesson)
    run(cell)
    told = run(f"await {exercise.name}.check()")
    assert all(part in told for part in said), told
