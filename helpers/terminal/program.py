"""A program run as a terminal would run it, with what it printed or why it could not run."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from helpers.errors import TutorialError
from helpers.terminal import node, packages

__all__ = ["Finished", "TerminalError", "missing", "run"]

TIMEOUT = 60.0  # seconds
ON = "The lesson goes on without it."


class TerminalError(TutorialError):
    """A program could not run, or did not end in time."""


@dataclass(frozen=True)
class Finished:
    """A program that has ended, or could not run; it shows what it said, or why not.

    ``status`` is its exit status, None when it could not run. True where that is 0, so that
    ``finished and …`` leaves out what depends on it.
    """

    said: str
    status: int | None

    @property
    def text(self) -> str:
        """What it printed. Raises ``TerminalError`` when it could not run.

        What to install is nothing that a program said, so no caller gets it as an answer.
        """
        if self.status is None:
            raise TerminalError(self.said)
        return self.said

    def __bool__(self) -> bool:
        return self.status == 0

    def __repr__(self) -> str:
        return self.said


def missing(program: str) -> str | None:
    """Return what to install before ``program`` can run here, or None when nothing is missing.

    For node that includes the packages of ``notebooks/client``. Nothing is fetched.
    """
    try:
        _found(program)
    except TutorialError as error:
        return f"{error}\n{ON}"
    if program == "node" and packages.lacking():
        return f"{packages.absence()}. {packages.MEND}\n{ON}"
    return None


def run(
    *command: str,
    environment: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Finished:
    """Run ``command`` with this process's environment and ``environment`` on top of it.

    Shows what it printed, errors last. For node the packages of ``notebooks/client`` are fetched
    first when they are not there. A program that is missing is no error: what is shown says so.
    Raises ``TerminalError`` for one that does not end within ``timeout`` seconds.
    """
    program, *arguments = command
    try:
        path = _ready(program)
    except TutorialError as error:
        return Finished(f"{error}\n{ON}", None)
    try:
        done = subprocess.run(
            [path, *arguments],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise TerminalError(
            f"{program} did not end within {timeout:g} seconds. Is the proxy running? "
            "Run the cell that starts it again, then this one."
        ) from error
    said = [text.rstrip() for text in (done.stdout, done.stderr)]
    return Finished("\n".join(filter(None, said)), done.returncode)


def _ready(program: str) -> str:
    if program != "node":
        return _found(program)
    here = node.found()
    packages.fetch(here)
    return here.program


def _found(program: str) -> str:
    """Return the path of ``program``; raises a ``TutorialError`` that says what is missing."""
    if program == "node":
        return node.found().program
    if path := shutil.which(program):
        return path
    raise TerminalError(f"{program} is not installed here.")
