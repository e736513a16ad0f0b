"""What must not be cut in two, and what must not wait for ever."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from helpers.errors import TutorialError

__all__ = ["uninterrupted", "within"]

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


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Let an interrupt wait for the end of the block: half a change must never stand.

    Python runs signal handlers in the main thread alone, so in another there is nothing to do.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[tuple[int, Any]] = []
    handler = signal.getsignal(signal.SIGINT)
    if handler is None:  # set by something else than Python, and not ours to put back
        yield
        return
    signal.signal(signal.SIGINT, lambda *arguments: waiting.append(arguments))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if waiting and callable(handler):
        handler(*waiting[0])
