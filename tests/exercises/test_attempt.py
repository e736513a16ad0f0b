"""An attempt is judged by what was sent since it began."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from langsmith import run_trees, traceable, utils

from helpers import exercises, session
from helpers.exercises import attempt, catalogue
from helpers.exercises.attempt import Attempt, same_code
from helpers.exercises.verdict import Verdict


@pytest.fixture(scope="module", autouse=True)
def _session() -> Iterator[None]:
    with session.start("replay"), pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANGSMITH_TRACING", "true")
        patch.setattr(run_trees, "_CLIENT", None)
        patch.setattr(attempt, "LOCAL_SECONDS", 0.2)
        utils.get_env_var.cache_clear()
        yield
    utils.get_env_var.cache_clear()


def begin() -> Attempt:
    """Begin one whose cell was more than the blank one."""
    begun = exercises.of("01", 2)
    begun._cells.sources.append(begun.exercise.cell("entry()"))
    return begun


def check(begun: Attempt) -> Verdict:
    return asyncio.run(begun.check())


@traceable
def entry(*children: str) -> None:
    for name in children:
        traceable(lambda: None, name=name, run_type="tool" if name == "spell" else "chain")()


def test_what_was_sent_since_is_judged():
    entry("spell", "count")
    begun = begin()
    assert "Found: no trace." in repr(check(begun))
    entry("spell", "count")
    assert check(begun)


def test_asked_again_it_says_the_same():
    begun = begin()
    entry("spell")
    first, second = check(begun), check(begun)
    assert repr(first) == repr(second) and "Expected: a run called count" in repr(first)


def test_begun_again_what_was_before_does_not_count():
    begin()
    entry("count")
    begun = begin()
    entry("spell", "count")
    assert check(begun)


def test_what_comes_late_is_awaited(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attempt, "LOCAL_SECONDS", 5.0)
    begun = begin()

    async def late() -> None:
        await asyncio.sleep(0.3)
        entry("spell", "count")

    async def both() -> Verdict:
        verdict, _ = await asyncio.gather(begun.check(), late())
        return verdict

    assert asyncio.run(both())


def test_what_a_logger_of_litellm_still_holds_is_awaited_longer(monkeypatch: pytest.MonkeyPatch):
    logger = SimpleNamespace(log_queue=["a run"])
    monkeypatch.setitem(sys.modules, "litellm", SimpleNamespace(callbacks=["a name", logger]))
    begun = begin()

    async def late() -> None:
        await asyncio.sleep(0.6)  # longer than it waits for anything else
        entry("spell", "count")
        logger.log_queue.clear()

    async def both() -> Verdict:
        verdict, _ = await asyncio.gather(begun.check(), late())
        return verdict

    assert asyncio.run(both())


def test_what_a_thread_of_litellm_has_yet_to_report_is_awaited_longer(monkeypatch):
    executor = SimpleNamespace(_pending_slots=SimpleNamespace(_value=9), _max_pending_tasks=10)
    module = SimpleNamespace(executor=executor)
    name = "litellm.litellm_core_utils.thread_pool_executor"
    monkeypatch.setitem(sys.modules, name, module)
    assert attempt._reporting()
    executor._pending_slots._value = 10
    assert not attempt._reporting()


def test_litellm_has_the_slots_that_tell_of_its_reports():
    from litellm.litellm_core_utils.thread_pool_executor import executor

    assert executor._pending_slots._value == executor._max_pending_tasks
    release = threading.Event()
    running = executor.submit(release.wait)
    try:
        assert attempt._reporting()
    finally:
        release.set()
        running.result(10)


def test_a_double_that_comes_late_is_seen(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attempt, "SETTLE_SECONDS", 0.6)
    begun = begin()
    entry("spell", "count")

    async def late() -> None:
        await asyncio.sleep(0.2)
        entry("spell", "count")

    async def both() -> Verdict:
        verdict, _ = await asyncio.gather(begun.check(), late())
        return verdict

    assert "2 traces: entry, entry" in repr(asyncio.run(both()))


def test_a_blank_cell_is_not_tried_yet():
    begun = exercises.of("01", 2)
    begun._cells.sources.append(f"{begun.exercise.blank}\n# later\n")
    told = check(begun)
    assert told.outcome == "untried" and 'beneath `q2 = exercises.of("01", 2)`' in repr(told)


def test_the_error_of_the_cell_is_told():
    begun = begin()
    failed = SimpleNamespace(raw_cell="spell()"), KeyError("HTML"), None
    names = ("info", "error_in_exec", "error_before_exec")
    begun._cells.after(SimpleNamespace(**dict(zip(names, failed, strict=True))))
    assert "Your cell ended with KeyError: 'HTML'" in repr(check(begun))


def test_hints_say_more_each_time_and_end():
    begun, count = exercises.of("01", 3), len(catalogue.find("01", 3).hints)
    hints = [repr(begun.hint()) for _ in range(count + 1)]
    assert hints[0].startswith(f"Hint 1 of {count}") and "Ask again" in hints[0]
    assert hints[-1] == hints[-2] and "Ask again" not in hints[-1]


def test_the_solution_is_code_that_can_be_copied():
    said = repr(exercises.of("01", 1).solution())
    assert catalogue.find("01", 1).right[0].strip() in said and "Also right:" in said


def test_comments_and_empty_lines_make_no_attempt():
    assert same_code("x = 1\n\n# mine", "x = 1  # yours")
    assert not same_code("x = 1", "x = 2")


def test_its_projects_are_the_learners_own_in_langsmith(monkeypatch):
    asked = []
    monkeypatch.setattr(session, "project", lambda name: f"{name}-of-ada")
    monkeypatch.setattr(
        attempt.traces, "query", lambda *_, project, limit: asked.append(project) or []
    )
    evidence = asyncio.run(exercises.of("02", 2)._evidence())
    assert asked == ["third-edition-of-ada"] and list(evidence.projects) == ["third-edition"]
