"""The two local services, the model API and LangSmith, behind one loopback address."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount

from helpers import langsmith_local, replay, smollm2
from helpers.keys import Keys
from helpers.langsmith_local.door import TracesDoor
from helpers.paths import RECORDINGS
from helpers.replay.door import ModelDoor
from helpers.serving.guard import Door, Guard
from helpers.serving.state import keep, kept

__all__ = ["State", "create_app", "guarded", "state_of"]


@dataclass(frozen=True)
class State:
    """What the two services have: the recordings that were used, the traces that came, the doors.

    ``model_door`` and ``traces_door`` know the key of each, and the latter the links to pages.
    ``log`` is the file, beside the database, that has a line for each failure of a service.
    """

    model: replay.State
    langsmith: langsmith_local.State
    model_door: ModelDoor
    traces_door: TracesDoor
    log: Path

    def door(self, path: str) -> Door:
        """Return the door that ``path`` leads to."""
        return self.model_door if path == "/v1" or path.startswith("/v1/") else self.traces_door


def create_app(
    database: Path,
    *,
    recordings: Path = RECORDINGS,
    strict: bool = False,
    provider: replay.Provider | None = None,
    overwrite: bool = False,
    timing: bool = False,
    pace: float = 1.0,
    model: smollm2.Model | None = None,
    translated: replay.Provider | None = None,
    keys: Keys | None = None,
    lag: float = 0.0,
) -> Starlette:
    """Return one application: the model API under ``/v1``, the LangSmith API everywhere else.

    It is served behind ``guarded(app)``, which asks for ``keys``; by default they are made here.
    ``database`` is the SQLite file of the traces, ``recordings`` the folder of recorded answers;
    ``lag``, in seconds, is that of ``langsmith_local.create_app``; ``strict`` and what else is not
    named here are those of ``replay.create_app``.
    ``state_of(app)`` tells of both.
    """
    api = replay.create_app(
        recordings,
        strict=strict,
        provider=provider,
        overwrite=overwrite,
        timing=timing,
        pace=pace,
        model=model,
        translated=translated,
    )
    keys = keys or Keys()
    doors = ModelDoor(keys.model), TracesDoor(keys.langsmith)
    langsmith = langsmith_local.create_app(database, door=doors[1], lag=lag)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        # Starlette runs no lifespan of what is mounted, so it is run here.
        async with contextlib.AsyncExitStack() as stack:
            for part in (api, langsmith):
                await stack.enter_async_context(part.router.lifespan_context(part))
            yield

    app = Starlette(routes=[Mount("/v1", api), Mount("/", langsmith)], lifespan=lifespan)
    log = database.with_name(f"{database.name}.failures.log")
    keep(app, State(replay.state_of(api), langsmith_local.state_of(langsmith), *doors, log))
    return app


def guarded(app: Starlette) -> Guard:
    """Return an application that ``create_app`` has made behind its doors."""
    state = state_of(app)
    return Guard(app, state.door, log=state.log)


def state_of(app: Starlette) -> State:
    """Return the state of an application that ``create_app`` has made; ``TypeError`` for others."""
    return kept(app, State)
