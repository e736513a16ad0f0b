"""One read at a time may hold much: the others wait for it, and hold little meanwhile."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from helpers.serving.memory import give_back

__all__ = ["alone", "turn"]

_ONE = threading.Lock()
_mine = threading.local()


@contextlib.contextmanager
def turn() -> Iterator[None]:
    """What a thread reads in this block; it ends what ``alone`` has begun there."""
    _mine.held = False
    try:
        yield
    finally:
        if _mine.held:
            _ONE.release()
            give_back()
        del _mine.held


def alone() -> None:
    """Wait until no other thread reads much, and have them wait until the end of the ``turn``.

    Outside of one it does nothing: there nobody else reads.
    """
    if getattr(_mine, "held", True):
        return
    _ONE.acquire()
    _mine.held = True
