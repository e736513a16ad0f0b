"""Hand a request on to an OpenAI-compatible service, and its answer back as it comes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from starlette.responses import Response

from helpers.errors import TutorialError
from helpers.recording import Recording
from helpers.replay.answerer import Asked
from helpers.replay.request import RequestError
from helpers.replay.responses import encoded, error_body, stream, trimmed, with_base64
from helpers.replay.upstream import Exchange, Provider, open_exchange
from helpers.serving.loopback import leads_here

if TYPE_CHECKING:
    import httpx  # at run time only when somebody is asked: replaying needs none of it

__all__ = ["Relay"]

PASSED = ("content-type", "retry-after", "retry-after-ms", "x-should-retry")
SECONDS, CONNECT_SECONDS = 120.0, 10.0

Keep = Callable[[Asked, Recording | None], None]


class Relay:
    """The HTTP clients by which others are asked, one for this machine and one for the rest."""

    def __init__(self) -> None:
        self._clients: dict[bool, httpx.AsyncClient] = {}  # by whether it leaves this machine

    async def ask(self, provider: Provider, asked: Asked, *, keep: Keep | None = None) -> Response:
        """Return the provider's answer; ``keep`` is given what was recorded of the exchange.

        Raises ``Unreachable``, and ``SecretFound`` when the exchange must not be kept.
        """
        client = self._client(provider)
        exchange = await open_exchange(client, provider, path=asked.path, body=asked.body)
        if exchange.events is not None:
            return stream(_relayed(exchange, asked, keep), exchange.status)
        if keep:
            keep(asked, exchange.recording())
        content = exchange.body
        if asked.path == "/embeddings" and asked.body.get("encoding_format") == "base64":
            content = with_base64(content)
        headers = {name: exchange.headers[name] for name in PASSED if name in exchange.headers}
        return Response(encoded(content), exchange.status, headers)

    async def close(self) -> None:
        """Close the clients."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    def _client(self, provider: Provider) -> httpx.AsyncClient:
        import httpx

        # A proxy of the environment must not see what goes to this machine.
        remote = not leads_here(provider.base_url)
        if remote not in self._clients:
            timeout = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
            self._clients[remote] = httpx.AsyncClient(timeout=timeout, trust_env=remote)
        return self._clients[remote]


async def _relayed(exchange: Exchange, asked: Asked, keep: Keep | None) -> AsyncIterator[str]:
    """Pass events on as they come; the last waits until the recording is written."""
    assert exchange.events is not None
    try:
        held = ""
        async for event in exchange.events:
            if held:
                yield trimmed(held, asked.body)
            held = event
        if keep:
            keep(asked, exchange.recording())
        yield trimmed(held, asked.body) if held else ""
    except TutorialError as error:
        yield "data: " + json.dumps(error_body(RequestError(str(error), code="not_recorded")))
