"""Where the explorer's traces come from: those of this session, through LangSmith's own client."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

from helpers import session
from helpers.langsmith_local.filtering.search import narrowing
from helpers.traces import reading
from helpers.traces.book import began
from helpers.traces.connection import by, drive, reader, reads_here
from helpers.traces.opening import link_to
from helpers.view import ReadError, Run

__all__ = ["Explored"]

T = TypeVar("T")

PAUSES = {True: 1.0, False: 5.0}  # seconds between two looks, by whether the service is here


class Explored:
    """The traces of ``project`` that began ``since`` then (an explorer's ``Source``).

    Without ``since`` they are those of this session.
    """

    def __init__(self, project: str, since: datetime | None = None) -> None:
        self.project, self._session = project, session.current()
        self._reader = reader()
        self._since = since or began()
        self.pause = PAUSES[reads_here()]

    @property
    def over(self) -> bool:
        """Whether the session whose traces these are has ended."""
        return self._session is not session.current()

    def roots(self, filter: str, search: str, most: int, since: datetime | None) -> list[Run]:
        """Return the roots of traces that have a run which passes both, newest first."""
        return self._ask(self._roots(narrowing(filter, search), most, since or self._since))

    def recent(self, most: int, since: datetime | None) -> list[Run]:
        """Return the newest runs without what they hold."""
        return self._ask(self._recent(most, since or self._since))

    def trace(self, trace_id: str) -> Run | None:
        """Return a trace whole."""
        return self._ask(self._trace(trace_id))

    def score(self, run_id: str, trace_id: str, key: str, score: float) -> None:
        """Give a run a score, as feedback; raises ``ReadError`` where the service refuses it."""
        self._ask(self._score(run_id, trace_id, key, score))

    def _ask(self, work: Coroutine[Any, Any, T]) -> T:
        """Do ``work`` where this session's traces are; after it the environment leads elsewhere."""
        if self.over:
            work.close()
            raise ReadError(
                "The session whose traces these are has ended. Run the notebook's first cell, and "
                "traces.explore() again."
            )
        return drive(by(self._reader, work))

    def link(self, run_id: str, trace_id: str) -> str | None:
        """Return the link to a run's page, by the rule of ``opening``."""
        return link_to(self._ask(self._url(run_id, trace_id)))

    async def _roots(self, passing: str | None, most: int, since: datetime) -> list[Run]:
        if (project_id := await reading.project_id_of(self.project)) is None:
            return []
        return await reading.listed(project_id, most, since=since, tree_filter=passing)

    async def _recent(self, most: int, since: datetime) -> list[Run]:
        if (project_id := await reading.project_id_of(self.project)) is None:
            return []
        return await reading.recent(project_id, most, since=since)

    async def _trace(self, trace_id: str) -> Run | None:
        project_id = await reading.project_id_of(self.project)
        return await reading.whole(project_id, trace_id) if project_id else None

    async def _url(self, run_id: str, trace_id: str) -> str | None:
        project_id = await reading.project_id_of(self.project)
        return await reading.url_of(project_id, trace_id, run_id) if project_id else None

    async def _score(self, run_id: str, trace_id: str, key: str, score: float) -> None:
        project_id = await reading.project_id_of(self.project)
        client = reader()
        await asyncio.to_thread(
            lambda: client.create_feedback(
                run_id, key, score=score, trace_id=trace_id, session_id=project_id
            )
        )
