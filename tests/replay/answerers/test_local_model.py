"""The model of this machine answers: started when needed, and again when it has ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from helpers import smollm2
from helpers.replay import create_app
from helpers.replay.answerer import Asked
from helpers.replay.answerers import LocalModel
from tests.replay.samples import CHAT, DNS, HTTP
from tests.serving.opened import serving
from tests.smollm2 import fake


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in the place of the model, which answers with its process id."""
    fake.install(tmp_path, monkeypatch)


@asynccontextmanager
async def open_model(model: LocalModel) -> AsyncIterator[Callable[[], Coroutine[Any, Any, int]]]:
    """Give a function that asks, and returns the id of the process that answered."""

    async def ask() -> int:
        answer = await model.answer(Asked(CHAT, DNS, "key"))
        assert answer is not None and answer.status_code == 200
        return int(json.loads(bytes(answer.body))["pid"])

    try:
        yield ask
    finally:
        await model.close()


def test_where_it_is_not_installed_the_next_is_asked(monkeypatch):
    monkeypatch.setattr(smollm2, "available", lambda: False)
    assert asyncio.run(LocalModel().answer(Asked(CHAT, DNS, "key"))) is None


@pytest.mark.usefixtures("installed")
def test_one_process_answers_all_that_is_asked_even_at_once():
    async def work() -> set[int]:
        async with open_model(LocalModel()) as ask:
            return set(await asyncio.gather(ask(), ask())) | {await ask()}

    [pid] = asyncio.run(work())
    assert not psutil.pid_exists(pid)


@pytest.mark.usefixtures("installed")
def test_a_killed_model_is_started_again_at_the_next_request():
    async def work() -> tuple[int, int]:
        async with open_model(LocalModel()) as ask:
            first = await ask()
            process = psutil.Process(first)
            process.kill()
            psutil.wait_procs([process], timeout=10)
            return first, await ask()

    first, second = asyncio.run(work())
    assert first != second


@pytest.mark.usefixtures("installed")
def test_a_model_that_dies_of_a_request_is_started_again_and_asked_once_more(tmp_path, monkeypatch):
    fatal = tmp_path / "fatal"
    monkeypatch.setenv("FAKE_FATAL", str(fatal))

    async def work() -> tuple[int, int]:
        async with open_model(LocalModel()) as ask:
            first = await ask()
            fatal.touch()
            return first, await ask()

    first, second = asyncio.run(work())
    assert first != second and not fatal.exists()


@pytest.mark.usefixtures("installed")
def test_a_model_that_runs_already_is_asked_and_ended():
    model = smollm2.start()

    async def work() -> int:
        async with open_model(LocalModel(model)) as ask:
            return await ask()

    assert asyncio.run(work()) == model.child.pid
    assert not model.running


@pytest.mark.usefixtures("installed")
def test_it_answers_after_the_recordings_and_before_a_stand_in(folder):
    before = sorted(folder.glob("*.json"))
    with serving(create_app(folder, strict=False)) as url:
        recorded, asked = (httpx.post(url + CHAT, json=body).json() for body in (HTTP, DNS))
    assert recorded["id"] == "chatcmpl-1" and "pid" in asked
    assert sorted(folder.glob("*.json")) == before
