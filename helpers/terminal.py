"""Run a program from a notebook as a terminal would, and say so when it is not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from helpers.errors import TutorialError
from helpers.paths import CLIENT

__all__ = ["Finished", "TerminalError", "missing", "run"]

TIMEOUT = 60.0  # seconds
ON = "The lesson goes on without it."
PACKAGE = "in the repository's folder run: npm --prefix notebooks/client ci"


class TerminalError(TutorialError):
    """A program did not end in time."""


@dataclass(frozen=True)
class Finished:
    """What a program said: ``text`` as a terminal would show it, ``status`` its exit status.

    ``status`` is None when the program could not run, and ``text`` says what is missing.
    """

    text: str
    status: int | None

    def __repr__(self) -> str:
        return self.text


def missing(program: str) -> str | None:
    """Return what to install before ``program`` can run here, or None when nothing is missing.

    For node that includes the package of ``notebooks/client``.
    """
    if program == "node":
        return _missing_node()
    return None if shutil.which(program) else f"{program} is not installed here. {ON}"


def run(
    *command: str,
    environment: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Finished:
    """Run ``command`` with this process's environment and ``environment`` on top of it.

    Shows what it printed, errors last. A program that is missing is no error (see ``missing``);
    raises ``TerminalError`` for one that does not end within ``timeout`` seconds.
    """
    program, *arguments = command
    if lack := missing(program):
        return Finished(lack, None)
    try:
        done = subprocess.run(
            [shutil.which(program) or program, *arguments],
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


def _missing_node() -> str | None:
    if shutil.which("node") is None:
        return f"Node.js is not installed here. Install version 20 or newer, then {PACKAGE}\n{ON}"
    if not (CLIENT / "node_modules" / "openai").is_dir():
        return f"The client's npm package is not installed: {PACKAGE}\n{ON}"
    return None
