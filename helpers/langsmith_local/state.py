"""What the running service has: its database, its door, the requests it received, its writer."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Concatenate, ParamSpec, TypeVar

from starlette.applications import Starlette

from helpers.langsmith_local.body import decode
from helpers.langsmith_local.database import DatabaseError
from helpers.langsmith_local.door import TracesDoor
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.received import Log
from helpers.langsmith_local.replica import Replica
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.writer import Writer
from helpers.serving.body import Body
from helpers.serving.bounds import DECODED_BYTES, QUICK_BYTES, READERS
from helpers.serving.memory import give_back
from helpers.serving.state import kept

__all__ = ["State", "state_of"]

P = ParamSpec("P")
T = TypeVar("T")


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
    ) -> str:
        """Return what ``keep`` does when it has stored what ``read`` made of a request's content.

        Raises the ``Refusal`` of ``decode``. One body at a time is in memory without compression.
        What is large then comes after small ones, and its runs are settled at its own cost.
        """
        if self.writer is None:
            raise RuntimeError("The local LangSmith writes only while it is served.")

        def work(limit: int) -> str:
            if limit > QUICK_BYTES:
                give_back()  # what refused ones have left
            try:
                # No name holds content or values, so that they are gone when they are not needed.
                with self._written() as store:
                    kept = keep(store, read(store, decode(body.content(), encoding, limit=limit)))
                if limit > QUICK_BYTES:
                    self.written.settle()
                return kept
            finally:
                if limit > QUICK_BYTES:
                    self.store.disconnect()
                    give_back()

        if body.size <= QUICK_BYTES:
            try:
                return await self.writer(work, QUICK_BYTES)
            except Refusal as refusal:
                if refusal.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                    raise
        return await self.writer(work, DECODED_BYTES, large=True)

    def _written(self) -> contextlib.AbstractContextManager[Store]:
        """Return the database that is written; with a lag, a copy follows it."""
        if self.replica is None:
            return contextlib.nullcontext(self.written)
        return self.replica.following()


def state_of(app: Starlette) -> State:
    """Return the state of an application that ``create_app`` has made; ``TypeError`` for others."""
    return kept(app, State)
