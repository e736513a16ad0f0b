"""A provider that is asked for what has no recording yet, so that it gets one."""

from __future__ import annotations

from starlette.responses import Response

from helpers import recording
from helpers.recording import Recording
from helpers.replay.answerer import Asked
from helpers.replay.answerers.recordings import Recordings
from helpers.replay.relay import Relay
from helpers.replay.upstream import Provider

__all__ = ["Recorder"]


class Recorder:
    """Asks ``provider``, and keeps each answer among ``recordings``."""

    def __init__(self, provider: Provider, recordings: Recordings) -> None:
        self._provider, self._recordings = provider, recordings
        self._relay = Relay()

    async def answer(self, asked: Asked) -> Response:
        """Return the provider's answer; raise ``SecretFound`` or ``Unreachable``."""
        # Before it leaves this machine: a prompt that cannot be recorded is not sent.
        recording.scrub(Recording(asked.path, asked.body, {}))
        return await self._relay.ask(self._provider, asked, keep=self._recordings.keep)

    async def close(self) -> None:
        """Close the connections to the provider."""
        await self._relay.close()
