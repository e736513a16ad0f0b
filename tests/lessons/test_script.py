"""A function of a cell, run as a program that ends."""

from __future__ import annotations

import os

import pytest

from helpers.lessons import script
from helpers.paths import NOTEBOOKS


async def where():
    import asyncio
    import os

    await asyncio.sleep(0)
    print(os.getcwd(), os.environ["COLOUR"], os.getpid())


async def broken():
    raise ValueError("a reason")


def plain():
    return None


def test_it_runs_in_a_process_of_its_own_with_this_one_s_environment(monkeypatch):
    monkeypatch.setenv("COLOUR", "green")
    folder, colour, process = script.run(where).rsplit(maxsplit=2)  # a folder may have blanks
    assert (folder, colour) == (str(NOTEBOOKS), "green")
    assert int(process) != os.getpid()


def test_how_it_ended_is_told():
    with pytest.raises(script.ScriptError, match="ended with: ValueError: a reason"):
        script.run(broken)


def test_a_program_that_does_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(script, "SECONDS", 0.01)
    with pytest.raises(script.ScriptError, match="did not end"):
        script.run(where)


@pytest.mark.parametrize("what", [plain, "main", None])
def test_what_is_no_async_function_is_refused(what):
    with pytest.raises(script.ScriptError, match="async def"):
        script.run(what)
