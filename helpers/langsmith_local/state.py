"""What the running service has: its database, its door, the requests it received, its writer."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from starlette.applications import Starlette

from helpers.langsmith_local.body import decode, decoded
from helpers.langsmith_local.database import DatabaseError
from helpers.langsmith_local.door import TracesDoor
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.received import Log
from helpers.langsmith_local.replica import Replica
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.writer import Writer
from helpers.serving.body import Body
from helpers.serving.bounds import (
    DECODED_BYTES,
    MULTIPART_BYTES,
    QUICK_BYTES,
    READERS,
    WHOLE_BYTES,
)
from helpers.serving.memory import give_back
from helpers.serving.state import kept

__all__ = ["Portions", "Scattered", "State", "state_of"]

P = ParamSpec("P")
T = TypeVar("T")


class Scattered(Exception):
    """What belongs together in a body stands too far apart to be read in portions."""


@dataclass(frozen=True)
class Portions(Generic[T]):
    """How to take in a large body: ``split`` it, ``check`` each portion before any is kept.

    ``split`` raises ``Scattered`` where it cannot. ``heavy`` portions have few and large runs.
    """

    split: Callable[[Iterable[bytes]], Iterator[T]]
    check: Callable[[Store, T], None]
    heavy: Callable[[T], bool]


@dataclass
class State:
    """The database ``written``, the ``door`` that it is served behind, the ``requests`` received.

    The ``writer`` is there for as long as it is served. With a ``lag``, in seconds, so is the
    ``replica``, which is then what is read.
    """

    written: Store
    door: TracesDoor
    requests: Log = field(default_factory=Log)
    writer: Writer | None = None
    lag: float = 0.0
    replica: Replica | None = None
    #: Whoever reads in a thread holds it: each thread has a connection, which has a cache.
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(READERS))
    #: Whoever stores a large body holds it.
    _storing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def store(self) -> Store:
        """The store to read, as it is now."""
        if self.replica is None:
            return self.written
        self.replica.catch_up()
        return self.replica.store

    def tend(self) -> bool:
        """Do a portion of what was put off in the store to read; return whether more is left."""
        try:
            return self.store.tend()
        except (DatabaseError, sqlite3.Error):
            return False  # full, locked or gone: those who write are told, and reading does without

    async def write(
        self, function: Callable[Concatenate[Store, P], T], *arguments: P.args, **options: P.kwargs
    ) -> T:
        """Return ``function(store, *arguments)``, which is called when its turn to write comes."""
        if self.writer is None:
            raise RuntimeError("The local LangSmith writes only while it is served.")

        def work() -> T:
            with self._written() as store:
                return function(store, *arguments, **options)

        return await self.writer(work)

    async def take(
        self,
        body: Body,
        encoding: str,
        read: Callable[[Store, bytes], T],
        keep: Callable[[Store, T], str],
        portioned: Portions[T] | None = None,
    ) -> str:
        """Return what ``keep`` does when it has stored what ``read`` made of a request's content.

        Raises the ``Refusal`` of ``decode``. One body at a time is in memory without compression.
        What is large comes after small ones, and above ``WHOLE_BYTES`` its runs are settled at its
        own cost. In portions it lets others come between, and returns nothing.
        """
        if self.writer is None:
            raise RuntimeError("The local LangSmith writes only while it is served.")

        def work(limit: int) -> str:
            if limit > WHOLE_BYTES:
                give_back()  # what refused ones have left
            try:
                # No name holds content or values, so that they are gone when they are not needed.
                with self._written() as store:
                    kept = keep(store, read(store, decode(body.content(), encoding, limit=limit)))
                if limit > WHOLE_BYTES:
                    self.written.settle()
                return kept
            finally:
                if limit > WHOLE_BYTES:
                    self.store.disconnect()
                    give_back()

        limits = [QUICK_BYTES, WHOLE_BYTES] if portioned else [QUICK_BYTES]
        for limit in limits if body.size <= QUICK_BYTES else ():
            try:
                return await self.writer(work, limit, large=limit > QUICK_BYTES)
            except Refusal as refusal:
                if refusal.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                    raise
        async with self._storing:
            if portioned:
                with contextlib.suppress(Scattered):
                    await self._take_portions(body, encoding, keep, portioned)
                    return ""
            return await self.writer(work, DECODED_BYTES, large=True)

    async def _take_portions(
        self, body: Body, encoding: str, keep: Callable[[Store, T], Any], portioned: Portions[T]
    ) -> None:
        assert self.writer is not None

        def one(portions: Iterator[T], each: Callable[[Store, T], Any]) -> bool:
            # No name holds a portion once it is worked on.
            for portion in portions:
                heavy = portioned.heavy(portion)
                with self._written() as store:
                    each(store, portion)
                del portion
                if heavy and each is keep:
                    self.written.settle()
                return True
            return False

        def tidy() -> None:
            self.store.disconnect()
            give_back()

        kept = 0
        try:
            # Those that came meanwhile go first, before it begins and between two portions.
            await self.writer(give_back, large=True)
            for each in (portioned.check, keep):
                portions = portioned.split(decoded(body.pieces(), encoding, limit=MULTIPART_BYTES))
                while await self.writer(one, portions, each):
                    kept += each is keep
        except (DatabaseError, sqlite3.Error) as error:
            if kept:
                error.add_note("A part of this request was stored; sent again, all of it is.")
            raise
        finally:
            await self.writer(tidy)

    def _written(self) -> contextlib.AbstractContextManager[Store]:
        """Return the database that is written; with a lag, a copy follows it."""
        if self.replica is None:
            return contextlib.nullcontext(self.written)
        return self.replica.following()


def state_of(app: Starlette) -> State:
    """Return the state of an application that ``create_app`` has made; ``TypeError`` for others."""
    return kept(app, State)
