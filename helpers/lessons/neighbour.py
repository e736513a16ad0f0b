"""A service of another team, in a process of its own: an ASGI application of a lesson (lesson 15).

In production it is another deployment, and a gateway or the service itself asks for the key.
"""

from __future__ import annotations

import contextlib
import os
import pkgutil
import threading
from collections.abc import Mapping
from pathlib import Path

from helpers.environment import Changes
from helpers.errors import TutorialError
from helpers.keys import Keys
from helpers.paths import NOTEBOOKS, ROOT
from helpers.processes import Child, ChildError
from helpers.processes.interrupts import uninterrupted
from helpers.serving.guard import Door, Guard
from helpers.serving.server import serving

__all__ = ["Neighbour", "main", "start"]

APPLICATION = "service_b.app:app"
FOLDER = "litellm-tutorial-neighbour-"
ADDRESS = "address"
FOLDER_VARIABLE, KEY_VARIABLE = "TUTORIAL_NEIGHBOUR_FOLDER", "TUTORIAL_NEIGHBOUR_KEY"
SECONDS = 60.0  # to import LangSmith's SDK on a cold disk; two are usual


class Neighbour:
    """A service that runs; ``url`` is its address, ``headers`` what a request needs to get in."""

    def __init__(self, child: Child, url: str, key: str) -> None:
        self.child, self.url = child, url
        self.headers = {"Authorization": f"Bearer {key}"}

    def __repr__(self) -> str:
        return f"The neighbours' service, {'at ' + self.url if self.child.running else 'stopped'}"

    def stop(self) -> None:
        """End the process and drop its folder; twice does no harm."""
        self.child.discard()


_running: dict[tuple[str, tuple[tuple[str, str], ...]], Neighbour] = {}


def start(
    environment: Mapping[str, str] | None = None, application: str = APPLICATION
) -> Neighbour:
    """Start an application and return when it answers; one that runs already is given back.

    ``application`` is "module:variable", from the lessons' folder. Its process has this one's
    environment and ``environment`` on top of it, and ends with this one. Raises ``TutorialError``
    when it does not come up.
    """
    child = {**os.environ, **(environment or {})}
    led = {name: value for name, value in child.items() if name.startswith("LANGSMITH_")}
    state = (application, tuple(sorted(led.items())))
    for known, other in list(_running.items()):
        if known == state and other.child.running:
            return other
        del _running[known]
        other.stop()
    _running[state] = started = _start(application, child)
    return started


def _start(application: str, environment: dict[str, str]) -> Neighbour:
    key, child = Keys().model, None
    paths = [str(ROOT), str(NOTEBOOKS), *filter(None, [environment.get("PYTHONPATH")])]
    environment |= {"PYTHONPATH": os.pathsep.join(paths), KEY_VARIABLE: key}
    Changes(environment).bypass_proxies()
    try:
        with uninterrupted():  # between two lines, too, the child must have its name
            child = Child(
                f"{__name__}:main",
                application,
                name="service",
                prefix=FOLDER,
                environment=environment,
                folder_variable=FOLDER_VARIABLE,
            )
        return Neighbour(child, child.wait(lambda: _address(child), seconds=SECONDS), key)
    except BaseException as error:  # an interrupted cell leaves no half-started service
        if child is None:
            raise
        said = child.log().strip().splitlines()[-1:]
        child.discard()
        if isinstance(error, ChildError):
            words = "".join(said) or "none"
            raise TutorialError(f"{application} did not start. Its last words: {words}") from error
        raise


def _address(child: Child) -> str | None:
    with contextlib.suppress(OSError):
        return (child.folder / ADDRESS).read_text(encoding="ascii")
    return None


def main() -> None:
    """Serve the application that is named until the process ends."""
    import sys

    served = Guard(pkgutil.resolve_name(sys.argv[1]), Door(os.environ[KEY_VARIABLE]))
    with serving(served, name="neighbour") as url:
        folder = Path(os.environ[FOLDER_VARIABLE])
        (folder / "address.part").write_text(url, encoding="ascii")
        os.replace(folder / "address.part", folder / ADDRESS)  # in one step: it is read meanwhile
        threading.Event().wait()
