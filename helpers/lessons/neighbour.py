"""A service of another team, in a process of its own: an ASGI application of a lesson (lesson 15).

In production it is another deployment, and a gateway or the service itself asks for the key.
"""

from __future__ import annotations

import os
import pkgutil
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from helpers.environment import Changes
from helpers.paths import NOTEBOOKS
from helpers.processes.served import Served, start_serving, tell_address
from helpers.serving.guard import Door, Guard
from helpers.serving.server import serving

__all__ = ["Neighbour", "main", "start"]

APPLICATION = "service_b.app:app"
FOLDER = "litellm-tutorial-neighbour-"
FOLDER_VARIABLE, KEY_VARIABLE = "TUTORIAL_NEIGHBOUR_FOLDER", "TUTORIAL_NEIGHBOUR_KEY"
SECONDS = 60.0  # to import LangSmith's SDK on a cold disk; two are usual


class Neighbour:
    """A service that runs; ``url`` is its address, ``headers`` what a request needs to get in."""

    def __init__(self, served: Served) -> None:
        self.child, self.url, self.stop = served.child, served.url, served.stop
        self.headers = {"Authorization": f"Bearer {served.key}"}

    def __repr__(self) -> str:
        return f"The neighbours' service, {'at ' + self.url if self.child.running else 'stopped'}"


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
    Changes(environment).bypass_proxies()
    served = start_serving(
        f"{__name__}:main",
        application,
        name=application,
        prefix=FOLDER,
        environment=environment,
        folder_variable=FOLDER_VARIABLE,
        key_variable=KEY_VARIABLE,
        seconds=SECONDS,
        imports=(NOTEBOOKS,),
    )
    return Neighbour(served)


def main() -> None:
    """Serve the application that is named until the process ends."""
    served = Guard(pkgutil.resolve_name(sys.argv[1]), Door(os.environ[KEY_VARIABLE]))
    with serving(served, name="neighbour") as url:
        tell_address(Path(os.environ[FOLDER_VARIABLE]), url)
        threading.Event().wait()
