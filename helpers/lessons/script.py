"""A function of a cell as a program that ends, in a process of its own (lesson 02)."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from helpers.errors import TutorialError
from helpers.paths import NOTEBOOKS

__all__ = ["ScriptError", "run"]

SECONDS = 120.0  # after which the program is ended


class ScriptError(TutorialError):
    """The program could not be run, or ended with an error."""


def run(main: Callable[[], Coroutine[Any, Any, object]]) -> str:
    """Run an ``async`` function by ``asyncio.run`` in a new process; return what it prints.

    The process has this one's environment, the lessons' folder, and no name of this notebook: what
    the function needs, it imports. Raises ``ScriptError`` with the last line that the program said.
    """
    if not inspect.iscoroutinefunction(main):
        raise ScriptError(
            "A script's function is written with `async def`, and handed over uncalled."
        )
    program = f"import asyncio\n{inspect.getsource(main)}\nasyncio.run({main.__name__}())\n"
    try:
        ended = subprocess.run(
            [sys.executable, "-c", program],
            cwd=NOTEBOOKS,
            env=os.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ScriptError(f"The script did not end within {SECONDS:.0f} s.") from None
    if ended.returncode:
        last = ended.stderr.strip().rpartition("\n")[2] or f"exit code {ended.returncode}"
        raise ScriptError(f"The script ended with: {last}")
    return ended.stdout.strip()
