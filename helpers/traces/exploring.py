"""Where the explorer's traces come from: those of this session, through LangSmith's own client."""

from __future__ import annotations

import asyncio
from datetime import datetime

from helpers import session
from helpers.langsmith_local.filtering.search import narrowing
from helpers.traces import reading
from helpers.traces.book import began
from helpers.traces.connection import drive, reader, reads_here
from helpers.traces.opening import link_to
from helpers.view import Run

__all__ = ["Explored"]

PAUSES = {True: 1.0, False: 5.0}  # seconds between two looks, by whether the service is here


class Explored:
    """The traces of ``project`` that began ``since`` then (an explorer's ``Source``).

    Without ``since`` they are those of this session.
    """

    def __init__(self, project: str, since: datetime | None = None) -> None:
        self.project, self._session = project, session.current()
        self._since = since or began()
        self.pause = PAUSES[reads_here()]

    @property
    def over(self) -> bool:
        """Whether the session whose traces these are has ended."""
        return self._session is not session.current()

    def roots(self, filter: str, search: str, most: int, since: datetime | None) -> list[Run]:
        """Return the roots of traces that have a run which passes both, newest first."""
        return drive(self._roots(narrowing(filter, search), most, since or self._since))

    def recent(self, most: int, since: datetime | None) -> list[Run]:
        """Return the newest runs without what they hold."""
        return drive(self._recent(most, since or self._since))

    def trace(self, trace_id: str) -> Run | None:
        """Return a trace whole."""
        return drive(self._trace(trace_id))

    def score(self, run_id: str, trace_id: str, key: str, score: float) -> None:
        """Give a run a score, as feedback; raises ``ReadError`` where the service refuses it."""
        drive(self._score(run_id, trace_id, key, score))

    def link(self, run_id: str, trace_id: str) -> str | None:
        """Return the link to a run's page, by the rule of ``opening``."""
        return link_to(drive(self._url(run_id, trace_id)))

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
