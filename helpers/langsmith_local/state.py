"""What the running service has: its database, its door, the requests it received, its writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, TypeVar

from starlette.applications import Starlette

from helpers.langsmith_local.door import TracesDoor
from helpers.langsmith_local.received import Log
from helpers.langsmith_local.replica import Replica
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.writer import Writer
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

    @property
    def store(self) -> Store:
        """The store to read, as it is now."""
        if self.replica is None:
            return self.written
        self.replica.catch_up()
        return self.replica.store

    async def write(
        self, function: Callable[Concatenate[Store, P], T], *arguments: P.args, **options: P.kwargs
    ) -> T:
        """Return ``function(store, *arguments)``, which is called when its turn to write comes."""
        if self.writer is None:
            raise RuntimeError("The local LangSmith writes only while it is served.")
        if self.replica is None:
            return await self.writer(lambda: function(self.written, *arguments, **options))
        following = self.replica.following

        def followed() -> T:
            with following() as written:
                return function(written, *arguments, **options)

        return await self.writer(followed)


def state_of(app: Starlette) -> State:
    """Return the state of an application that ``create_app`` has made; ``TypeError`` for others."""
    return kept(app, State)
