"""Run the model's process, and start it again when it has ended."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from helpers.environment import for_this_machine
from helpers.errors import TutorialError
from helpers.keys import Keys
from helpers.paths import ROOT
from helpers.processes import Child, ChildError
from helpers.processes.interrupts import uninterrupted
from helpers.smollm2.model import ADDRESS, FOLDER_VARIABLE, INSTALL, KEY_VARIABLE, MODEL, available

__all__ = ["Model", "NotInstalled", "running", "start"]

FOLDER = "litellm-tutorial-smollm2-"
TARGET = "helpers.smollm2.serve:main"
SECONDS = 120.0  # to load on a cold disk; two are usual


class NotInstalled(TutorialError):
    """The model or what runs it is not installed."""


class Model:
    """The model in a process of its own.

    ``url`` is its address, ending in ``/v1``, and ``key`` the key that it asks for.
    """

    def __init__(self, child: Child, url: str, key: str) -> None:
        self.child, self.url, self.key = child, url, key

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.child.running

    def ended(self, *, within: float) -> bool:
        """Whether the process has ended, or does so within so many seconds."""
        return self.child.ended(within=within)

    def stop(self) -> None:
        """End the process and drop its folder; twice does no harm."""
        self.child.discard()


def start() -> Model:
    """Start the model and return when it answers.

    Raises ``NotInstalled``, or ``TutorialError`` when the process does not come up.
    """
    if not available():
        raise NotInstalled(
            f"{MODEL} is not installed. Install it with `{INSTALL}` and restart the kernel."
        )
    key, child = Keys().model, None
    try:
        with uninterrupted():  # between two lines, too, the child must have its name
            child = _child(key)
        return Model(child, child.wait(lambda: _address(child), seconds=SECONDS), key)
    except BaseException as error:  # an interrupted cell leaves no half-started model
        if child is None:
            raise
        said = child.log().strip().splitlines()[-3:]
        child.discard()
        if isinstance(error, ChildError):
            words = " / ".join(said) or "none"
            raise TutorialError(f"{MODEL} did not start. Its last words: {words}") from error
        raise


def _child(key: str) -> Child:
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return Child(
        TARGET,
        name=MODEL,
        prefix=FOLDER,
        environment={
            **for_this_machine(os.environ),
            "PYTHONPATH": os.pathsep.join(paths),
            KEY_VARIABLE: key,
        },
        folder_variable=FOLDER_VARIABLE,
    )


def _address(child: Child) -> str | None:
    with contextlib.suppress(OSError):
        return (child.folder / ADDRESS).read_text(encoding="ascii") + "/v1"
    return None


@contextlib.contextmanager
def running() -> Iterator[Model]:
    """Run the model for the length of a ``with`` block."""
    model = start()
    try:
        yield model
    finally:
        model.stop()
