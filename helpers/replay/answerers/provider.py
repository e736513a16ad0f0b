"""A provider that is asked for what has no recording yet, so that it gets one."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from helpers import recording
from helpers.recording import Recording
from helpers.replay.answerer import Asked
from helpers.replay.answerers.recordings import Recordings
from helpers.replay.relay import Relay
from helpers.replay.upstream import Provider

__all__ = ["Recorder"]


class Recorder:
    """Asks ``provider``, and keeps each answer among ``recordings``.

    One question at a time, so that what it took is its own time, and no second one is the same.
    """

    def __init__(self, provider: Provider, recordings: Recordings) -> None:
        self._provider, self._recordings = provider, recordings
        self._relay = Relay()
        self._turn = asyncio.Lock()

    surprise = None

    async def answer(self, asked: Asked) -> Response:
        """Return the provider's answer; raise ``SecretFound`` or ``Unreachable``."""
        # Before it leaves this machine: a prompt that cannot be recorded is not sent.
        recording.scrub(Recording(asked.path, asked.body, {}))
        async with self._turn:
            if found := await self._recordings.answer(asked):
                return found
            given = await self._relay.ask(self._provider, asked, keep=self._recordings.keep)
            # What was only timed is answered as it was: its ids stand in requests that follow.
            known = await self._recordings.answer(asked) if self._recordings.timing else None
        return known or given

    async def close(self) -> None:
        """Close the connections to the provider."""
        await self._relay.close()
