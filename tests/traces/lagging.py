"""A local LangSmith with a lag, which says so or, as LangSmith, does not; and ids to delay runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import langsmith
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from helpers.langsmith_local import create_app
from helpers.langsmith_local.app import INFO
from helpers.langsmith_local.replica import share
from tests.serving.opened import serving

__all__ = ["LAG", "early", "late", "lagging", "overlapping"]

LAG = 0.3


@contextlib.contextmanager
def lagging(folder: Path, *, lag: float = LAG, says: bool = True) -> Iterator[str]:
    """Serve one; the value is its address."""
    app = create_app(folder / "runs.sqlite", lag=lag)
    with serving(app if says else _silent(app), name="lagging LangSmith") as url:
        yield url


def _silent(app: ASGIApp) -> ASGIApp:
    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["path"] == "/info"
        await (JSONResponse(INFO) if asked else app)(scope, receive, send)

    return served


def early() -> dict[str, UUID]:
    """Return options of a traced call whose root can be read after little more than half a lag."""
    return {"run_id": _id(lambda waits: waits < 0.52)}


def late() -> dict[str, UUID]:
    """Return options of a traced call whose root can be read after nearly the whole lag."""
    return {"run_id": _id(lambda waits: waits > 0.98)}


def _id(fits: Callable[[float], bool]) -> UUID:
    while not fits(share("runs", str(one := langsmith.uuid7()))):
        pass
    return UUID(str(one))


def overlapping(call: Callable[[int], Any], count: int) -> None:
    """Make ``count`` calls that begin in order and all run when the last begins."""
    begun = [threading.Event() for _ in range(count)]
    barrier = threading.Barrier(count)

    @langsmith.traceable(name="overlapping")
    def traced(number: int) -> Any:
        begun[number].set()
        barrier.wait(30)
        return call(number)

    threads = []
    for number in range(count):
        threads.append(threading.Thread(target=traced, args=[number]))
        threads[-1].start()
        assert begun[number].wait(30)
    for thread in threads:
        thread.join()
