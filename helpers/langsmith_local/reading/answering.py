"""From what a thread reads to an answer: a few reads at a time, and no answer whole in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from helpers.langsmith_local.reading.rows import encode
from helpers.langsmith_local.reading.turns import turn
from helpers.langsmith_local.state import State
from helpers.langsmith_local.store import Store
from helpers.serving.answer import answer
from helpers.serving.body import Body

__all__ = ["answered", "pieces"]

JSON = "application/json"


async def answered(state: State, read: Callable[[Store], Any]) -> Response:
    """Return the JSON of what ``read`` returns, which is called in a thread.

    An object's lists may be iterators: their items are then made one after another, and at most
    one is in memory. Raises what ``read`` does, also while it makes them.
    """
    store = state.store

    def work() -> Body:
        body = Body()
        try:
            with turn():
                for piece in pieces(read(store)):
                    body.add(piece)
        except BaseException:
            body.drop()
            raise
        return body

    async with state.reading:
        body = await run_in_threadpool(work)
    return answer(body, JSON)


def pieces(content: Any) -> Iterator[bytes]:
    """Yield the JSON of a value; each item of a list in an object is a piece of its own."""
    if not isinstance(content, dict):
        yield encode(content)
        return
    before = b"{"
    for name, value in content.items():
        yield before + encode(name) + b":"
        before = b","
        if isinstance(value, (list, Iterator)):
            yield from _listed(value)
        else:
            yield encode(value)
    yield b"{}" if before == b"{" else b"}"


def _listed(values: Iterable[Any]) -> Iterator[bytes]:
    before = b"["
    for value in values:
        yield before
        yield encode(value)  # not joined: it may be large
        before = b","
    yield b"[]" if before == b"[" else b"]"
