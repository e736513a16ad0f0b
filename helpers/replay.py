"""An OpenAI-compatible model API that answers from recordings, or records through to a provider.

Every POST route is served by one mechanism: the request's deciding fields find the recording. An
unknown prompt gets HTTP 400 when strict, since clients retry 429 and 5xx; else a local model or a
stand-in answers.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import struct
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from helpers import local_model, recording, standin
from helpers.errors import TutorialError
from helpers.recorder import Exchange, Provider, open_exchange, unasked_usage_removed
from helpers.recording import Recording

if TYPE_CHECKING:
    import httpx  # at run time in helpers.recorder's way: only when a provider is asked

__all__ = ["LIMIT", "Provider", "create_app"]

LIMIT = 20 * 1024 * 1024  # bytes of a request
LONGEST_DELAY = 2000  # ms between two events of a replayed stream
REQUIRED = {"/chat/completions": "messages", "/embeddings": "input", "/responses": "input"}
LOOPBACK = ("127.0.0.1", "localhost", "::1")
USED = "TUTORIAL_USED_RECORDINGS"


class Refusal(TutorialError):
    """A request that is answered by an OpenAI-shaped error."""

    def __init__(
        self, message: str, *, status: int = 400, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.param, self.code = status, param, code


def create_app(
    recordings: Path,
    *,
    strict: bool,
    provider: Provider | None = None,
    overwrite: bool = False,
    pace: float = 1.0,
    use_local_model: bool = True,
) -> Starlette:
    """Return the application; its routes are found with ``/v1`` before them and without.

    ``recordings`` is their folder. With ``provider``, what has no recording is asked there and
    recorded; ``overwrite`` records anew what has one, once for each request. ``pace`` multiplies
    the recorded delays of streams. ``app.state.used`` holds the names of the recordings asked
    for; they are also appended to the file that ``TUTORIAL_USED_RECORDINGS`` names. Raises
    ``RecordingError`` when a recording is damaged.
    """
    service = _Service(recordings, strict=strict, provider=provider, overwrite=overwrite, pace=pace)
    service.use_local_model = use_local_model
    routes = []
    for prefix in ("/v1", ""):
        routes += [
            Route(f"{prefix}/models", service.models),
            Route(f"{prefix}/models/{{name:path}}", service.model),
            Route(f"{prefix}/{{route:path}}", service.post, methods=["POST"]),
        ]
    routes.append(Route("/{route:path}", service.unknown))
    app = Starlette(routes=routes, lifespan=service.lifespan)
    app.state.used = service.used
    return app


class _Service:
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
        if refused := _foreign(request):
            return _error(refused)
        return _json({"object": "list", "data": [_model(name) for name in self._names()]})

    async def model(self, request: Request) -> Response:
        """Describe one of them."""
        name = request.path_params["name"]
        if refused := _foreign(request):
            return _error(refused)
        if name in self._names():
            return _json(_model(name))
        known = ", ".join(self._names()) or "none"
        message = f"The model {name!r} has no recording; those that have: {known}."
        return _error(Refusal(message, status=404, param="model", code="model_not_found"))

    async def unknown(self, request: Request) -> Response:
        message = f"{request.method} {request.url.path} is not served; POST routes and /models are."
        return _error(Refusal(message, status=404, code="unknown_url"))

    async def post(self, request: Request) -> Response:
        """Answer one request of any route."""
        try:
            if refused := _foreign(request):
                raise refused
            path = "/" + request.path_params["route"].strip("/")
            body = _checked(path, await _read(request))
            return await self._answer(path, body)
        except Refusal as refusal:
            return _error(refusal)
        except recording.SecretFound as found:
            return _error(Refusal(str(found), code="secret_found"))
        except TutorialError as error:
            return _error(Refusal(str(error), status=502, code="provider_unreachable"))

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
            return _stream(_unhurried(_trimmed(event, body) for event in standin.events(body)))
        return _json(standin.answer(body))

    def _replayed(self, key: str, found: Recording, body: Mapping[str, Any]) -> Response:
        answer = found.response
        headers = dict(answer.get("headers", {}))
        if "chunks" in answer:
            return _stream(self._paced(answer["chunks"], body), answer["status"], headers)
        content = answer["body"]
        if found.path == "/embeddings" and body.get("encoding_format") == "base64":
            return _json(_with_base64(content), answer["status"], headers)
        if key not in self.bodies:
            self.bodies[key] = _encoded(content)
        return Response(self.bodies[key], answer["status"], headers)

    async def _paced(self, chunks: list[Any], body: Mapping[str, Any]) -> AsyncIterator[str]:
        for delay, event in chunks:
            if pause := min(delay, LONGEST_DELAY) * self.pace / 1000:
                await asyncio.sleep(pause)
            yield _trimmed(event, body)

    async def _passed_on(
        self, provider: Provider, path: str, body: dict[str, Any], *, key: str | None = None
    ) -> Response:
        exchange = await open_exchange(self._client(provider), provider, path=path, body=body)
        if exchange.events is not None:
            return _stream(self._relayed(exchange, body, key), exchange.status)
        if key:
            self._keep(key, exchange.recording())
        content = exchange.body
        if path == "/embeddings" and body.get("encoding_format") == "base64":
            content = _with_base64(content)
        kept = ("content-type", "retry-after", "retry-after-ms", "x-should-retry")
        headers = {name: exchange.headers[name] for name in kept if name in exchange.headers}
        return Response(_encoded(content), exchange.status, headers)

    async def _relayed(
        self, exchange: Exchange, body: Mapping[str, Any], key: str | None
    ) -> AsyncIterator[str]:
        """Pass events on as they come; the last waits until the recording is written."""
        assert exchange.events is not None
        try:
            held = ""
            async for event in exchange.events:
                if held:
                    yield _trimmed(held, body)
                held = event
            if key:
                self._keep(key, exchange.recording())
            yield _trimmed(held, body) if held else ""
        except TutorialError as error:
            yield "data: " + json.dumps(_shape(Refusal(str(error), code="not_recorded")))

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


async def _read(request: Request) -> Any:
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > LIMIT:
                raise Refusal(f"The request is larger than {LIMIT} bytes.", code="too_large")
        return json.loads(content)
    except ClientDisconnect as error:
        raise Refusal("The request ended early.") from error
    except (ValueError, RecursionError) as error:
        raise Refusal("The request's body is not JSON.", code="invalid_json") from error


def _checked(path: str, body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Refusal("The request's body is not a JSON object.", code="invalid_json")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise Refusal("You must provide a model parameter, a text.", param="model")
    name = REQUIRED.get(path)
    if name and not body.get(name):
        raise Refusal(f"Missing required parameter: '{name}'.", param=name)
    if name == "messages" and not isinstance(body[name], list):
        raise Refusal("'messages' is not a list.", param=name)
    if not isinstance(body.get("stream_options") or {}, dict):
        raise Refusal("'stream_options' is not an object.", param="stream_options")
    return body


def _foreign(request: Request) -> Refusal | None:
    """Refuse what a web page elsewhere sends here through the learner's browser."""
    origin = request.headers.get("origin")
    names = {_hostname("//" + request.headers.get("host", ""))}
    names |= {_hostname(origin)} if origin is not None else set()
    if names <= set(LOOPBACK):
        return None
    return Refusal("Only programs on this machine may call this service.", status=403)


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _trimmed(event: str, body: Mapping[str, Any]) -> str:
    return unasked_usage_removed(event, body) or ""


async def _unhurried(events: Any) -> AsyncIterator[str]:
    for event in events:
        yield event


def _stream(
    events: AsyncIterator[str], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    async def parts() -> AsyncIterator[str]:
        async for event in events:
            if event:
                yield event + "\n\n"

    kept = {"content-type": "text/event-stream; charset=utf-8", **(headers or {})}
    return StreamingResponse(parts(), status, kept)


def _encoded(content: Any) -> bytes:
    if isinstance(content, str):
        return content.encode()
    return json.dumps(content, separators=(",", ":")).encode()


def _json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        _encoded(content), status, {"content-type": "application/json", **(headers or {})}
    )


def _with_base64(content: Any) -> Any:
    """Write vectors as the API does for ``encoding_format: base64``: little-endian float32."""
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        return content
    data = []
    for item in content["data"]:
        vector = item["embedding"]
        packed = base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
        data.append({**item, "embedding": packed})
    return {**content, "data": data}


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "recordings"}


def _shape(refusal: Refusal) -> dict[str, Any]:
    kind = "server_error" if refusal.status >= 500 else "invalid_request_error"
    parts = {"message": str(refusal), "type": kind, "param": refusal.param, "code": refusal.code}
    return {"error": parts}


def _error(refusal: Refusal) -> Response:
    # LiteLLM's and OpenAI's clients obey this header: trying again would not help.
    return _json(_shape(refusal), refusal.status, {"x-should-retry": "false"})
