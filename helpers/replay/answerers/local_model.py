"""SmolLM2 on this machine, started when it is first needed and again when it has ended."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from helpers import smollm2
from helpers.replay.answerer import Asked
from helpers.replay.relay import Relay
from helpers.replay.upstream import Provider, Unreachable

__all__ = ["LocalModel"]

ENDING_SECONDS = 1.0  # for a process that gives no answer to be found ended


class LocalModel:
    """Answers with SmolLM2, if it is installed; ``model`` is one that runs already."""

    def __init__(self, model: smollm2.Model | None = None) -> None:
        self.surprise = None if model else f"{smollm2.MODEL} on this machine"
        self._model = model
        self._starting = asyncio.Lock()
        self._relay = Relay()

    async def answer(self, asked: Asked) -> Response | None:
        """Return the model's answer, or None where it is not installed.

        One that ended meanwhile is started again and asked once more. Raises ``TutorialError``
        when it does not start, or gives no answer.
        """
        if not smollm2.available():
            return None
        model = await self._running()
        try:
            return await self._ask(model, asked)
        except Unreachable:
            # A process that was killed is there for a moment yet, and its address longer.
            if not await asyncio.to_thread(model.ended, within=ENDING_SECONDS):
                raise
        return await self._ask(await self._running(), asked)

    async def _running(self) -> smollm2.Model:
        async with self._starting:
            if self._model is None or not self._model.running:
                if self._model is not None:
                    self._model.stop()
                self._model = await asyncio.to_thread(smollm2.start, shared=True)
            return self._model

    async def _ask(self, model: smollm2.Model, asked: Asked) -> Response:
        provider = Provider(base_url=model.url, api_key=model.key, name=smollm2.MODEL)
        return await self._relay.ask(provider, asked)

    async def close(self) -> None:
        """End the model."""
        await self._relay.close()
        if self._model is not None:
            # Not in a worker thread: at the end of a process there are none any more.
            self._model.stop()
