"""The service of lesson 16: what it breaks as it is, and what the mends of all exercises keep."""

from __future__ import annotations

import ast
import asyncio
import inspect
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from helpers import session, traces
from helpers.errors import TutorialError
from helpers.exercises.declaration import Exercise
from helpers.exercises.evidence import Evidence, Lacking
from helpers.exercises.tasks.lesson_16 import EXERCISES, PROJECT
from helpers.lessons import glossary
from tests.lessons.calls import NOTEBOOKS
from tests.lessons.house import House


@pytest.fixture(scope="module", autouse=True)
def _lesson(house: House) -> Iterator[None]:
    with house.lesson("beside-the-service") as patch:
        patch.syspath_prepend(str(NOTEBOOKS))
        yield
        for name in [name for name in sys.modules if name.partition(".")[0] == "service"]:
            del sys.modules[name]


async def broken(since: datetime) -> list[str]:
    """Return the titles of the exercises whose promise is broken in what was sent ``since``."""
    runs = await asyncio.to_thread(traces.query, project=PROJECT, limit=1000)
    since = since.replace(tzinfo=runs[0].start.tzinfo) if runs else since
    seen = Evidence.of({PROJECT: [run for run in runs if run.start >= since]})
    return [each.title for each in EXERCISES if not keeps(each, seen)]


def keeps(exercise: Exercise, seen: Evidence) -> bool:
    try:
        exercise.judge(seen)
    except Lacking:
        return False
    return True


async def mend(exercise: Exercise, attempt: str) -> None:
    """Do what a cell does, but for the service that it begins anew and the morning it serves."""
    from service import asking, prompts, through

    names = {"asking": asking, "prompts": prompts, "through": through}
    names |= {"glossary": SimpleNamespace(serve=lambda *_: asyncio.sleep(0))}
    code = compile(attempt, exercise.name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    done = eval(code, names)
    if inspect.isawaitable(done):
        await done


def test_as_it_is_every_promise_is_broken_and_every_reader_answered():
    async def morning() -> None:
        glossary.undo()
        begun = datetime.now(UTC)
        served = await glossary.serve()
        assert repr(served) == "8 requests answered" and all(served.answers.values())
        # The two calls of the chat are one batch, or two where five seconds pass between them.
        assert {line[:35] for line in served.log} == {"LiteLLM: Langsmith HTTP Error: 422 "}
        new = f'and(eq(is_root, true), gte(start_time, "{begun:%Y-%m-%dT%H:%M:%S.%fZ}"))'
        assert len(traces.query(new, project=PROJECT, count=10)) == 10
        assert await broken(begun) == [each.title for each in EXERCISES]

    asyncio.run(morning())


@pytest.mark.parametrize("which", [0, 1])
def test_with_all_mends_every_promise_is_kept_and_nothing_is_logged(which: int):
    async def morning() -> None:
        glossary.undo()
        for exercise in EXERCISES:
            await mend(exercise, exercise.right[which])
        begun = datetime.now(UTC)
        served = await glossary.serve()
        left: list[str] = []
        for _ in range(200):  # the proxy reports a moment after its answer
            if not (left := await broken(begun)):
                break
            await asyncio.sleep(0.05)
        assert (left, served.log) == ([], [])

    asyncio.run(morning())


def test_a_morning_asks_each_endpoint_once_in_a_session_of_the_service_as_it_is(monkeypatch):
    asked: list[tuple[object, ...]] = []

    async def serve(*names: str) -> glossary.Served:
        asked.append((asking.ADDRESSES, *names))
        return glossary.Served(dict.fromkeys(names, "an answer"), [f"{len(names)} asked"])

    def morning(*names: str) -> glossary.Served:
        asking.ADDRESSES = None
        return asyncio.run(glossary.morning(*names))

    sessions = [object(), object()]
    monkeypatch.setattr("helpers.session.current", lambda: sessions[0])
    monkeypatch.setattr(glossary, "serve", serve)
    monkeypatch.setattr(glossary, "_mornings", {})
    _, asking, _ = glossary.undo()
    usual = asking.ADDRESSES
    assert list(morning("define").answers) == ["define"]
    whole = morning("define", "chat")
    assert list(whole.answers) == ["define", "chat"] and whole.log == ["1 asked", "1 asked"]
    assert morning("chat") is whole and asked == [(usual, "define"), (usual, "chat")]
    assert len(morning().answers) == 8
    monkeypatch.setattr("helpers.session.current", lambda: sessions[1])
    assert list(morning("chat").answers) == ["chat"]


def test_what_was_set_is_undone_in_the_modules_that_cells_hold():
    prompts, asking, _ = glossary.undo()
    about = asking.about
    asking.about = prompts.definition = asking.ADDRESSES = None
    del prompts.DEFINITIONS["1"]
    assert glossary.undo()[:2] == (prompts, asking)
    assert asking.about("x") == about("x") and asking.ADDRESSES
    assert "HTTP" in prompts.definition("HTTP")


def test_one_endpoint_can_be_asked_alone_and_a_wrong_name_is_told_the_right_ones():
    glossary.undo()
    assert repr(asyncio.run(glossary.serve("renew"))) == "1 request answered"
    with pytest.raises(TutorialError, match="Nobody asks for 'renow'. There are chat, define"):
        asyncio.run(glossary.serve("renow"))


def test_the_environment_and_litellm_are_left_as_they_were():
    import os

    import litellm

    before = dict(os.environ), litellm.suppress_debug_info
    asyncio.run(glossary.serve("define"))
    assert (dict(os.environ), litellm.suppress_debug_info) == before
    assert litellm.success_callback == litellm.callbacks == []


def test_the_exercises_look_where_the_service_sends():
    assert glossary.PROJECT == PROJECT


def test_its_project_is_the_learners_own_in_langsmith(monkeypatch):
    monkeypatch.setattr(session, "project", lambda name: f"{name}-of-ada")
    assert glossary.PROJECT == "glossary-service-of-ada"
