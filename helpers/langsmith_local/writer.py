"""The one thread that writes, so that requests are stored in the order in which they came."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

__all__ = ["Writer"]

T = TypeVar("T")


class Writer:
    """Calls functions one after another in a thread of its own: ``await writer(function, …)``.

    Not an executor of ``concurrent.futures``: those refuse work once the interpreter ends, which
    is when LangSmith's SDK sends what a script has not flushed.
    """

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="langsmith-writer", daemon=True)
        self._thread.start()

    async def __call__(self, function: Callable[..., T], *arguments: Any) -> T:
        """Return what ``function`` returns, or raise what it raises."""
        future: Future[T] = Future()
        self._queue.put((future, lambda: function(*arguments)))
        return await asyncio.wrap_future(future)

    def stop(self) -> None:
        """Finish what is queued and end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            future, call = work
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # belongs to the request that waits for it
                future.set_exception(error)
