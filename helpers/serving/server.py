"""Run an ASGI application on loopback, in a thread of this process."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from helpers.errors import TutorialError
from helpers.serving import loopback
from helpers.serving.bounds import IDLE_SECONDS
from helpers.serving.loopback import listening

if TYPE_CHECKING:
    from helpers.serving.guard import Guard

__all__ = ["Server", "serving"]

SECONDS = 30.0  # for an application to come up; a hundredth of one is usual


class Server:
    """One guarded ASGI application behind ``http://localhost:<port>``.

    ``port`` 0 lets the system choose a free one. ``start()`` returns when requests are answered;
    ``stop()`` returns when the thread has ended. Also a context manager.
    """

    def __init__(self, app: Guard, *, port: int = 0, name: str = "server") -> None:
        # Imported here: the doctor knows loopback before anything is installed.
        import uvicorn

        from helpers.serving.connection import Connection
        from helpers.serving.running import Running

        self._sockets = listening(port)
        self.port: int = self._sockets[0].getsockname()[1]
        self.url = f"http://{loopback.name()}:{self.port}"
        # log_config=None: uvicorn would otherwise write into whichever cell is running.
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="on",
            ws="none",
            server_header=False,
            http=Connection,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=1,
        )
        self._uvicorn = Running(config)
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> Self:
        """Start the thread and return when requests are answered.

        Raises ``TutorialError`` when the application fails, or is not up within ``SECONDS``. What
        was begun is ended then, and also when the wait is interrupted.
        """
        self._thread.start()
        deadline = time.monotonic() + SECONDS
        try:
            while not self._uvicorn.started:
                if not self._thread.is_alive():
                    raise self._not_started("it ended while it was starting")
                if time.monotonic() > deadline:
                    raise self._not_started(f"its start-up hangs for more than {SECONDS:g} seconds")
                time.sleep(0.002)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the server and wait for its thread; calling it twice does no harm."""
        self._uvicorn.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        for each in self._sockets:
            each.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _not_started(self, why: str) -> TutorialError:
        error = TutorialError(
            f"The {self._thread.name} did not start on {self.url}: {why}. "
            "Restart the kernel and run the first cell again."
        )
        error.__cause__ = self._failure
        return error

    def _run(self) -> None:
        try:
            self._uvicorn.run(sockets=list(self._sockets))
        except BaseException as error:  # told by start(), not by a traceback of the thread
            self._failure = error


@contextlib.contextmanager
def serving(app: Guard, *, port: int = 0, name: str = "server") -> Iterator[str]:
    """Serve ``app`` for the length of a ``with`` block; the value is its address."""
    with Server(app, port=port, name=name) as server:
        yield server.url
