"""The client that reads, the thread that it is driven from, and the sending that goes before.

The reading API is async only, and a notebook's own loop is busy running the cell: so one helper
thread with its own event loop drives it.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import os
import sys
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from helpers import causes, session
from helpers.environment import has_key
from helpers.keys import is_ours
from helpers.serving.loopback import is_loopback, leads_here
from helpers.view import ReadError

if TYPE_CHECKING:
    from langsmith import Client

__all__ = ["by", "drive", "flush", "forget", "reader", "reads_here", "sending_clients", "submit"]

T = TypeVar("T")

FLUSH_SECONDS = 10.0
CLOSE_SECONDS = 2.0

_bound: contextvars.ContextVar[Client | None] = contextvars.ContextVar("bound", default=None)
_clients: dict[tuple[str | None, ...], Client] = {}
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread: threading.Thread | None = None


def reads_here() -> bool:
    """Whether traces are read from a service on this machine."""
    return leads_here(os.environ.get("LANGSMITH_ENDPOINT", ""))


def reader() -> Client:
    """Return the client that reads; the SDK's own would be bound to the loop of a cell.

    Raises ``ReadError`` when it would ask LangSmith itself without a key: no session is running.
    """
    import langsmith

    if (bound := _bound.get()) is not None:
        return bound
    if not (reads_here() or has_key(os.environ, "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")):
        raise ReadError(
            "There is no service on this machine to read traces from, and no key for LangSmith. "
            "Run the notebook's first cell, which starts one; if it failed, mend that first."
        )

    session.at_stop(_forget)
    names = ("LANGSMITH_ENDPOINT", "LANGSMITH_API_KEY", "LANGSMITH_WORKSPACE_ID")
    key = tuple(os.environ.get(name) for name in names)
    with _lock:
        if key not in _clients:
            # No batching: this client sends nothing, so it needs no thread that does.
            _clients[key] = langsmith.Client(auto_batch_tracing=False)
        return _clients[key]


def _forget(ended: session.Session) -> None:
    """Close the clients that read from the services of a session, which are about to end."""
    if ended.url is not None:
        forget(ended.url)


def forget(address: str) -> None:
    """Close the clients that read from the services at ``address``."""
    with _lock:
        gone = [key for key in _clients if key[0] == address]
        clients = [_clients.pop(key) for key in gone]
    for client in clients:
        # The SDK closes its own connections, and not those of ``client.runs`` (0.15.0).
        if (reading := client._langsmith_api) is not None:
            with contextlib.suppress(TimeoutError):
                submit(reading.close()).result(CLOSE_SECONDS)
        client.close(timeout=0)


def sending_clients(client: Client | None) -> list[Client]:
    """Return the SDK's own client, if there is one, and ``client``."""
    # get_cached_client() would make one, and with it a thread and a request.
    own = getattr(sys.modules.get("langsmith.run_trees"), "_CLIENT", None)
    return [each for each in dict.fromkeys((own, client)) if each is not None]


def flush(client: Client | None = None, *, timeout: float = FLUSH_SECONDS) -> None:
    """Send what ``client`` and the SDK's own client hold, if there is one; never hang."""
    threads = [
        threading.Thread(target=each.flush, kwargs={"timeout": timeout}, daemon=True)
        for each in sending_clients(client)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout)


def drive(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` on the helper thread's loop and wait for its result, in any thread."""
    import langsmith
    from langsmith.utils import LangSmithError

    future = submit(work)
    try:
        return future.result()
    except (LangSmithError, langsmith.APIError) as error:
        raise ReadError(_explain(error)) from error
    except BaseException:
        future.cancel()
        raise


async def by(client: Client, work: Coroutine[Any, Any, T]) -> T:
    """Do ``work`` with ``client`` as the one that reads, wherever the environment leads by then."""
    _bound.set(client)  # of the task that this is, since ``submit`` makes one
    return await work


def submit(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Begin ``work`` on the helper thread's loop, in any thread."""
    global _loop, _thread
    with _lock:
        if _loop is None or _thread is None or not _thread.is_alive():
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_loop.run_forever, name="traces", daemon=True)
            _thread.start()
        return asyncio.run_coroutine_threadsafe(work, _loop)


def _explain(error: Exception) -> str:
    body = getattr(error, "body", None)
    detail = body.get("detail") if isinstance(body, Mapping) else None
    if getattr(error, "status_code", None) in (400, 422):
        return f"LangSmith refused the query: {detail or error}"
    if cause := _cause(error, body):
        return str(cause)
    where = urlsplit(reader().api_url)
    place = "the service on this machine" if is_loopback(where.hostname) else where.hostname
    return (
        f"The traces could not be read from {place}: {detail or type(error).__name__}. "
        "Run the notebook's first cell again; `python -m helpers doctor` shows address and key."
    )


def _cause(error: Exception, body: object) -> causes.Cause | None:
    """Return why LangSmith refuses; a session's own service does so when it has been replaced."""
    status, words = getattr(error, "status_code", None), str(error)
    if isinstance(status, int):
        words = json.dumps(body) if isinstance(body, Mapping) else words
    else:
        status, words = causes.refusal_in(words)
    if is_ours(os.environ.get("LANGSMITH_API_KEY", "")):
        return None
    if status:
        return causes.of_langsmith(status, words, os.environ)
    cause = causes.of_connection(words)
    return None if cause is causes.NOBODY else cause
