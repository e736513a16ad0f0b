"""The service behind the routes: the recordings, and the models that may answer beside them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from helpers import local_model, recording, standin
from helpers.errors import TutorialError
from helpers.recorder import Exchange, Provider, open_exchange
from helpers.recording import Recording
from helpers.replay.answer import (
    encoded,
    error_body,
    error_response,
    json_response,
    model_entry,
    stream,
    trimmed,
    unhurried,
    with_base64,
)
from helpers.replay.request import LOOPBACK, Refusal, checked, foreign, read

if TYPE_CHECKING:
    import httpx  # at run time in helpers.recorder's way: only when a provider is asked

__all__ = ["Service"]

LONGEST_DELAY = 2000  # ms between two events of a replayed stream
USED = "TUTORIAL_USED_RECORDINGS"


class Service:
    """The recordings in memory and the two models that may answer beside them."""

    def __init__(
        self, folder: Path, *, strict: bool, provider: Provider | None, overwrite: bool, pace: float
    ) -> None:
        self.folder, self.strict, self.provider = folder, strict, provider
        self.overwrite, self.pace = overwrite, pace
        self.use_local_model = True
        self.recordings = recording.load(folder)
        self.used: set[str] = set()
        self.renewed: set[str] = set()
        self.bodies: dict[str, bytes] = {}
        self.cleanup = contextlib.ExitStack()
        self.local: Provider | None = None
        self.starting = asyncio.Lock()
        self.clients: dict[bool, httpx.AsyncClient] = {}  # by whether it leaves this machine

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            for client in self.clients.values():
                await client.aclose()
            # Not in a worker thread: at the end of a process there are none any more.
            self.cleanup.close()

    async def models(self, request: Request) -> Response:
        """List the models that have recordings."""
        if refused := foreign(request):
            return error_response(refused)
        return json_response(
            {"object": "list", "data": [model_entry(name) for name in self._names()]}
        )

    async def model(self, request: Request) -> Response:
        """Describe one of them."""
        name = request.path_params["name"]
        if refused := foreign(request):
            return error_response(refused)
        if name in self._names():
            return json_response(model_entry(name))
        known = ", ".join(self._names()) or "none"
        message = f"The model {name!r} has no recording; those that have: {known}."
        return error_response(Refusal(message, status=404, param="model", code="model_not_found"))

    async def unknown(self, request: Request) -> Response:
        message = f"{request.method} {request.url.path} is not served; POST routes and /models are."
        return error_response(Refusal(message, status=404, code="unknown_url"))

    async def post(self, request: Request) -> Response:
        """Answer one request of any route."""
        try:
            if refused := foreign(request):
                raise refused
            path = "/" + request.path_params["route"].strip("/")
            body = checked(path, await read(request))
            return await self._answer(path, body)
        except Refusal as refusal:
            return error_response(refusal)
        except recording.SecretFound as found:
            return error_response(Refusal(str(found), code="secret_found"))
        except TutorialError as error:
            return error_response(Refusal(str(error), status=502, code="provider_unreachable"))

    async def _answer(self, path: str, body: dict[str, Any]) -> Response:
        key = recording.key(path, body)
        found = self.recordings.get(key)
        renew = self.provider and self.overwrite and key not in self.renewed
        if found and not renew:
            self._note(found.name)
            return self._replayed(key, found, body)
        if self.provider:
            # Before it leaves this machine: a prompt that cannot be recorded is not sent.
            recording.scrub(Recording(path, body, {}))
            return await self._passed_on(self.provider, path, body, key=key)
        if self.strict:
            raise self._no_recording(path, body)
        if local := await self._local_model():
            return await self._passed_on(local, path, body)
        if not standin.can_answer(path, body):
            raise self._no_recording(path, body)
        if body.get("stream"):
            return stream(unhurried(trimmed(event, body) for event in standin.events(body)))
        return json_response(standin.answer(body))

    def _replayed(self, key: str, found: Recording, body: Mapping[str, Any]) -> Response:
        answer = found.response
        headers = dict(answer.get("headers", {}))
        if "chunks" in answer:
            return stream(self._paced(answer["chunks"], body), answer["status"], headers)
        content = answer["body"]
        if found.path == "/embeddings" and body.get("encoding_format") == "base64":
            return json_response(with_base64(content), answer["status"], headers)
        if key not in self.bodies:
            self.bodies[key] = encoded(content)
        return Response(self.bodies[key], answer["status"], headers)

    async def _paced(self, chunks: list[Any], body: Mapping[str, Any]) -> AsyncIterator[str]:
        for delay, event in chunks:
            if pause := min(delay, LONGEST_DELAY) * self.pace / 1000:
                await asyncio.sleep(pause)
            yield trimmed(event, body)

    async def _passed_on(
        self, provider: Provider, path: str, body: dict[str, Any], *, key: str | None = None
    ) -> Response:
        exchange = await open_exchange(self._client(provider), provider, path=path, body=body)
        if exchange.events is not None:
            return stream(self._relayed(exchange, body, key), exchange.status)
        if key:
            self._keep(key, exchange.recording())
        content = exchange.body
        if path == "/embeddings" and body.get("encoding_format") == "base64":
            content = with_base64(content)
        kept = ("content-type", "retry-after", "retry-after-ms", "x-should-retry")
        headers = {name: exchange.headers[name] for name in kept if name in exchange.headers}
        return Response(encoded(content), exchange.status, headers)

    async def _relayed(
        self, exchange: Exchange, body: Mapping[str, Any], key: str | None
    ) -> AsyncIterator[str]:
        """Pass events on as they come; the last waits until the recording is written."""
        assert exchange.events is not None
        try:
            held = ""
            async for event in exchange.events:
                if held:
                    yield trimmed(held, body)
                held = event
            if key:
                self._keep(key, exchange.recording())
            yield trimmed(held, body) if held else ""
        except TutorialError as error:
            yield "data: " + json.dumps(error_body(Refusal(str(error), code="not_recorded")))

    def _keep(self, key: str, new: Recording | None) -> None:
        if new is None:
            return
        path = recording.save(self.folder, new, replace=self.overwrite)
        self.recordings[key] = recording.load_file(path)
        self.bodies.pop(key, None)
        self.renewed.add(key)
        self._note(path.name)

    async def _local_model(self) -> Provider | None:
        async with self.starting:
            if self.local is None and self.use_local_model and local_model.available():
                running = local_model.running()
                url = await asyncio.to_thread(self.cleanup.enter_context, running)
                self.local = Provider(base_url=url, api_key="", name=local_model.MODEL)
        return self.local

    def _client(self, provider: Provider) -> httpx.AsyncClient:
        import httpx

        # A proxy of the environment must not see what goes to this machine.
        remote = urlsplit(provider.base_url).hostname not in LOOPBACK
        if remote not in self.clients:
            timeout = httpx.Timeout(120, connect=10)
            self.clients[remote] = httpx.AsyncClient(timeout=timeout, trust_env=remote)
        return self.clients[remote]

    def _note(self, name: str) -> None:
        if name in self.used:
            return
        self.used.add(name)
        if target := os.environ.get(USED):
            with open(target, "a", encoding="utf-8") as file:
                file.write(f"{name}\n")

    def _names(self) -> list[str]:
        models = (item.request.get("model") for item in self.recordings.values())
        return sorted({name for name in models if isinstance(name, str)})

    def _no_recording(self, path: str, body: Mapping[str, Any]) -> Refusal:
        close = recording.nearest(self.recordings, path, body)
        message = f"No recording answers this request to {path}. "
        if close:
            message += f"The nearest is {close[0].name}, which differs in {', '.join(close[1])}. "
        message += f"To record the prompts of a notebook: {recording.COMMAND}"
        return Refusal(message, param=close[1][0] if close else None, code="no_recording")
