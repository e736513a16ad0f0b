"""What must not wait for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from helpers.errors import TutorialError

__all__ = ["within"]

T = TypeVar("T")


def within(seconds: float, what: str, work: Callable[[], T]) -> T:
    """Return what ``work`` returns; raise ``TutorialError`` naming it when it takes too long.

    It runs in a thread, since a disk that hangs cannot be interrupted.
    """
    result: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(work())
        except BaseException as error:  # raised below, where the cell sees it
            failure.append(error)

    thread = threading.Thread(target=run, name="session start", daemon=True)
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not result:
        raise TutorialError(
            f"The session did not start: {what} took more than {seconds:g} seconds. "
            "Look at that disk, or point TMPDIR and TUTORIAL_RECORDINGS at another one, "
            "and run the first cell again."
        )
    return result[0]
