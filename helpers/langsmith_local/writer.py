"""The one thread that writes: requests are stored in the order in which they came.

What is large comes later: it waits until some of those that came after it are done, and they do
not wait for it. When nothing comes for a while, the thread does what was put off, a little at a
time.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, PriorityQueue
from typing import Any, TypeVar

__all__ = ["Writer"]

T = TypeVar("T")

LATER = 50  # that many which come after a large one go before it
QUIET = 0.5  # seconds without a request, after which it is time for what was put off
BREAK = 0.01  # seconds between two portions of it, in which others come to the processor


class Writer:
    """Calls functions one after another in a thread of its own: ``await writer(function, …)``.

    Not an executor of ``concurrent.futures``: those refuse work once the interpreter ends, which
    is when LangSmith's SDK sends what a script has not flushed.

    ``tend`` does a portion of what was put off, raises nothing, and returns whether more is left.
    It is called when there was no request for half a second, and again until nothing is left.
    """

    def __init__(self, tend: Callable[[], bool] = lambda: False) -> None:
        self._tend = tend
        self._queue: PriorityQueue[tuple[float, int, Future[Any], Callable[[], Any] | None]]
        self._queue = PriorityQueue()
        self._tickets = itertools.count()
        self._thread = threading.Thread(target=self._run, name="langsmith-writer", daemon=True)
        self._thread.start()

    async def __call__(self, function: Callable[..., T], *arguments: Any, large: bool = False) -> T:
        """Return what ``function`` returns, or raise what it raises; ``large`` work comes later."""
        future: Future[T] = Future()
        ticket = next(self._tickets)
        turn = ticket + LATER if large else ticket
        self._queue.put((turn, ticket, future, lambda: function(*arguments)))
        return await asyncio.wrap_future(future)

    def stop(self) -> None:
        """Finish what is queued and end the thread."""
        self._queue.put((math.inf, next(self._tickets), Future(), None))
        self._thread.join()

    def _next(self) -> tuple[Future[Any], Callable[[], Any] | None]:
        """Wait for the next request; meanwhile tend, once it is quiet."""
        wait: float | None = QUIET
        while True:
            try:
                _, _, future, call = self._queue.get(timeout=wait)
                return future, call
            except Empty:
                wait = BREAK if self._tend() else None

    def _run(self) -> None:
        while True:
            future, call = self._next()
            if call is None:
                return
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # belongs to the request that waits for it
                # The future and the error hold each other, and its frames what was worked on.
                traceback.clear_frames(error.__traceback__)
                future.set_exception(error)
            del future, call  # with what they hold: the next may be long in coming
