"""The learner's own provider, whichever LiteLLM knows, under the names that lessons use."""

from __future__ import annotations

from starlette.responses import Response

from helpers.replay.answerer import Asked
from helpers.replay.relay import Relay
from helpers.replay.upstream import Provider

__all__ = ["Translated"]


class Translated:
    """Asks ``provider``, an address that answers for one model, whatever name it is asked by."""

    surprise = None

    def __init__(self, provider: Provider) -> None:
        self._provider, self._relay = provider, Relay()

    async def answer(self, asked: Asked) -> Response:
        """Return the provider's answer; raise ``Unreachable``."""
        return await self._relay.ask(self._provider, asked)

    async def close(self) -> None:
        """Close the connections to it."""
        await self._relay.close()
