"""The writing thread: in order, errors to whom they belong, work until the very end."""

import asyncio
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from helpers.langsmith_local.writer import Writer

LATE = """
import os
from helpers import session
session.start("replay")
os.environ["LANGSMITH_TRACING"] = "true"
from langsmith import traceable
traceable(lambda: 1, name="unflushed")()
"""


@pytest.fixture
def writer():
    writer = Writer()
    yield writer
    writer.stop()


def test_calls_are_made_in_the_order_in_which_they_came(writer):
    made = []

    async def call() -> None:
        await asyncio.gather(*(writer(made.append, number) for number in range(100)))

    asyncio.run(call())
    assert made == list(range(100))


def test_an_error_goes_to_its_caller_and_the_next_call_is_made(writer):
    async def call() -> int:
        with pytest.raises(ZeroDivisionError):
            await writer(lambda: 1 / 0)
        return await writer(lambda: 5)

    assert asyncio.run(call()) == 5


def test_a_script_that_ends_without_flushing_ends_quietly():
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", LATE], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_is_large_comes_after_what_came_with_it():
    writer, done, go = Writer(), [], threading.Event()

    async def ask() -> None:
        first = asyncio.ensure_future(writer(go.wait))
        await asyncio.sleep(0)
        large = asyncio.ensure_future(writer(done.append, "large", large=True))
        await asyncio.sleep(0)
        small = [asyncio.ensure_future(writer(done.append, number)) for number in range(60)]
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(first, large, *small)

    asyncio.run(ask())
    writer.stop()
    assert 40 < done.index("large") < 60  # it waits, and not for ever


def test_an_error_holds_nothing_of_what_was_worked_on():
    class Large(bytearray):
        """Bytes that a weak reference can follow."""

    kept: list[weakref.ref[Large]] = []

    def fail() -> None:
        content = Large(b"large")
        kept.append(weakref.ref(content))
        raise ValueError

    writer = Writer()

    async def ask() -> BaseException:
        with pytest.raises(ValueError) as caught:
            await writer(fail)
        return caught.value

    error = asyncio.run(ask())
    writer.stop()
    assert error.__traceback__ and kept[0]() is None


def test_when_nothing_comes_it_does_what_was_put_off_until_nothing_is_left():
    left, done = [3, 2, 1], threading.Event()

    def tend() -> bool:
        left.pop()
        if not left:
            done.set()
        return bool(left)

    writer = Writer(tend)
    assert done.wait(30)
    writer.stop()
    assert left == []


def test_a_request_does_not_wait_for_all_that_was_put_off():
    begun = threading.Event()

    def tend() -> bool:
        begun.set()
        return True  # there is always more

    writer = Writer(tend)
    assert begun.wait(30)

    async def ask() -> int:
        return await writer(lambda: 5)

    assert asyncio.run(ask()) == 5
    writer.stop()
