"""Run the model's process, and start it again when it has ended."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator

from helpers.environment import for_this_machine
from helpers.errors import TutorialError
from helpers.processes.served import Served, start_serving
from helpers.smollm2.model import FOLDER_VARIABLE, INSTALL, KEY_VARIABLE, MODEL, available

__all__ = ["RUNS_HERE", "Model", "NotInstalled", "running", "start"]

FOLDER = "litellm-tutorial-smollm2-"
TARGET = "helpers.smollm2.serve:main"
SECONDS = 120.0  # to load on a cold disk; two are usual
# Measured after an answer, with xllamacpp 2026.10: 254 MB resident, 125 of them the weights' file.
RUNS_HERE = f"{MODEL} runs on this machine, in a process that takes some 250 MB of memory."

Model = Served  # ``url`` ends in ``/v1``


class NotInstalled(TutorialError):
    """The model or what runs it is not installed."""


def start(tick: Callable[[], None] = lambda: None, *, shared: bool = False) -> Model:
    """Start the model and return when it answers; ``tick`` is called meanwhile.

    One that is ``shared`` is the same for all notebooks, and ends with the last that asked for it.
    Raises ``NotInstalled``, or ``TutorialError`` when the process does not come up.
    """
    if not available():
        raise NotInstalled(
            f"{MODEL} is not installed. Install it with `{INSTALL}` and restart the kernel."
        )
    return start_serving(
        TARGET,
        name=MODEL,
        prefix=FOLDER,
        environment=for_this_machine(os.environ),
        folder_variable=FOLDER_VARIABLE,
        key_variable=KEY_VARIABLE,
        seconds=SECONDS,
        tick=tick,
        shared=shared,
    )


@contextlib.contextmanager
def running() -> Iterator[Model]:
    """Run the model for the length of a ``with`` block."""
    model = start()
    try:
        yield model
    finally:
        model.stop()
