"""The service behind the routes: it reads a request and asks the answerers in order."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from helpers import recording
from helpers.errors import TutorialError
from helpers.replay import headers, models, refusals
from helpers.replay.answerer import Answerer, Asked
from helpers.replay.answerers.recordings import Recordings
from helpers.replay.arguments import check_arguments
from helpers.replay.request import RequestError, checked, read
from helpers.replay.responses import error_response, json_response, model_entry

__all__ = ["Service"]


class Service:
    """Asks ``answerers`` one after another; ``recordings`` tell of models and near prompts.

    ``trusting`` leaves it to the provider which routes and models there are. ``surprises`` says
    who answered in the place of recordings, once an answer, and ``calls`` which model was asked by
    each request that was answered.
    """

    def __init__(
        self, recordings: Recordings, answerers: Sequence[Answerer], *, trusting: bool = False
    ) -> None:
        self.recordings, self.answerers = recordings, tuple(answerers)
        self.trusting = trusting
        self.surprises: list[str] = []
        self.calls: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Close the answerers when the application ends."""
        try:
            yield
        finally:
            for one in self.answerers:
                await one.close()

    async def models(self, request: Request) -> Response:
        """List the models that have recordings."""
        data = [model_entry(name) for name in self.recordings.models()]
        return _headed(json_response({"object": "list", "data": data}))

    async def model(self, request: Request) -> Response:
        """Describe one of them."""
        name = request.path_params["name"]
        names = self.recordings.models()
        if name in names or models.known(name):
            return _headed(json_response(model_entry(name)))
        return _headed(error_response(refusals.unknown_model(name)))

    async def unknown(self, request: Request, error: Exception | None = None) -> Response:
        """Refuse what is no route, and a method that a route does not take."""
        path = "/" + request.url.path.strip("/").removeprefix("v1/")
        return _headed(error_response(self._no_route(path, request)))

    async def failed(self, request: Request, error: Exception) -> Response:
        """Answer for a failure of our own."""
        message = f"The model API failed on {request.method} {request.url.path}: {error!r}"
        return error_response(RequestError(message, status=500))

    async def post(self, request: Request) -> Response:
        """Answer one request of any route."""
        began, body = time.monotonic(), None
        try:
            path = "/" + request.path_params["route"].strip("/")
            self._check_route(path, request)
            body = checked(path, await read(request))
            self._check(path, body)
            response = await self._answer(Asked(path, body, recording.key(path, body)))
        except RequestError as refusal:
            response = error_response(refusal)
        except recording.SecretFound as found:
            response = error_response(RequestError(str(found), code="secret_found"))
        except recording.NotKeptError as full:
            response = error_response(RequestError(str(full), status=507, code="not_recorded"))
        except recording.RecordingError as damaged:
            response = error_response(RequestError(str(damaged), code="damaged_recording"))
        except TutorialError as error:
            unreachable = RequestError(str(error), status=502, code="provider_unreachable")
            response = error_response(unreachable)
        headers.add(response.headers, body, seconds=time.monotonic() - began)
        return response

    def _check_route(self, path: str, request: Request) -> None:
        """Refuse, before the body is read, what would not be read."""
        if not (self.trusting or self._serves(path)):
            raise self._no_route(path, request)
        refusals.check_content_type(request.headers.get("content-type"))

    def _no_route(self, path: str, request: Request) -> RequestError:
        if self._serves(path):
            return refusals.wrong_method(request.method, request.url.path, takes="POST")
        if path == refusals.MODELS or path.startswith(f"{refusals.MODELS}/"):
            return refusals.wrong_method(request.method, request.url.path, takes="GET")
        return refusals.unknown_route(request.method, request.url.path)

    def _serves(self, path: str) -> bool:
        """Whether ``path`` takes a POST."""
        known = self.recordings.by_key.values()
        return path in refusals.ROUTES or any(path == one.path for one in known)

    def _check(self, path: str, body: dict[str, Any]) -> None:
        """Refuse what OpenAI refuses, whoever would answer here."""
        refusals.check_parameters(path, body)
        if self.trusting:
            return
        name = body["model"]
        if models.known(name):
            check_arguments(path, body)
            refusals.check_model(path, body)
        elif name not in self.recordings.models():  # those are another provider's
            raise refusals.unknown_model(name)

    async def _answer(self, asked: Asked) -> Response:
        for one in self.answerers:
            if (response := await one.answer(asked)) is not None:
                self.calls.append(str(asked.body.get("model")))
                if one.surprise and response.status_code < 400:
                    self.surprises.append(one.surprise)
                return response
        raise self._no_recording(asked.path, asked.body)

    def _no_recording(self, path: str, body: Mapping[str, Any]) -> RequestError:
        close = recording.nearest(self.recordings.all(), path, body)
        message = f"No recording answers this request to {path}. "
        if close:
            message += f"The nearest is {close[0].name}, which differs in {', '.join(close[1])}. "
        message += f"To record the prompts of a notebook: {recording.COMMAND}"
        return RequestError(message, param=close[1][0] if close else None, code="no_recording")


def _headed(response: Response) -> Response:
    """Return an answer that took no time, with the headers that clients show."""
    headers.add(response.headers, None, seconds=0)
    return response
