"""SmolLM2 on this machine, started when it is first needed and again when it has ended."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from helpers import smollm2
from helpers.replay.answerer import Asked
from helpers.replay.relay import Relay
from helpers.replay.upstream import Provider

__all__ = ["LocalModel"]


class LocalModel:
    """Answers with SmolLM2, if it is installed; ``model`` is one that runs already."""

    def __init__(self, model: smollm2.Model | None = None) -> None:
        self._model = model
        self._starting = asyncio.Lock()
        self._relay = Relay()

    async def answer(self, asked: Asked) -> Response | None:
        """Return the model's answer, or None where it is not installed.

        Raises ``TutorialError`` when it does not start.
        """
        if not smollm2.available():
            return None
        async with self._starting:
            if self._model is None or not self._model.running:
                if self._model is not None:
                    self._model.stop()
                self._model = await asyncio.to_thread(smollm2.start)
        provider = Provider(base_url=self._model.url, api_key="", name=smollm2.MODEL)
        return await self._relay.ask(provider, asked)

    async def close(self) -> None:
        """End the model."""
        await self._relay.close()
        if self._model is not None:
            # Not in a worker thread: at the end of a process there are none any more.
            self._model.stop()
