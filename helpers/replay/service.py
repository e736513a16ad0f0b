"""The service behind the routes: it reads a request and asks the answerers in order."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from helpers import recording
from helpers.errors import TutorialError
from helpers.replay.answerer import Answerer, Asked
from helpers.replay.answerers.recordings import Recordings
from helpers.replay.request import RequestError, checked, read
from helpers.replay.responses import error_response, json_response, model_entry

__all__ = ["Service"]


class Service:
    """Asks ``answerers`` one after another; ``recordings`` tell of models and near prompts."""

    def __init__(self, recordings: Recordings, answerers: Sequence[Answerer]) -> None:
        self.recordings, self.answerers = recordings, tuple(answerers)

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
        return json_response({"object": "list", "data": data})

    async def model(self, request: Request) -> Response:
        """Describe one of them."""
        name = request.path_params["name"]
        names = self.recordings.models()
        if name in names:
            return json_response(model_entry(name))
        known = ", ".join(names) or "none"
        message = f"The model {name!r} has no recording; those that have: {known}."
        missing = RequestError(message, status=404, param="model", code="model_not_found")
        return error_response(missing)

    async def unknown(self, request: Request) -> Response:
        """Refuse what is no route."""
        message = f"{request.method} {request.url.path} is not served; POST routes and /models are."
        return error_response(RequestError(message, status=404, code="unknown_url"))

    async def post(self, request: Request) -> Response:
        """Answer one request of any route."""
        try:
            path = "/" + request.path_params["route"].strip("/")
            body = checked(path, await read(request))
            return await self._answer(Asked(path, body, recording.key(path, body)))
        except RequestError as refusal:
            return error_response(refusal)
        except recording.SecretFound as found:
            return error_response(RequestError(str(found), code="secret_found"))
        except TutorialError as error:
            unreachable = RequestError(str(error), status=502, code="provider_unreachable")
            return error_response(unreachable)

    async def _answer(self, asked: Asked) -> Response:
        for one in self.answerers:
            if (response := await one.answer(asked)) is not None:
                return response
        raise self._no_recording(asked.path, asked.body)

    def _no_recording(self, path: str, body: Mapping[str, Any]) -> RequestError:
        close = recording.nearest(self.recordings.all(), path, body)
        message = f"No recording answers this request to {path}. "
        if close:
            message += f"The nearest is {close[0].name}, which differs in {', '.join(close[1])}. "
        message += f"To record the prompts of a notebook: {recording.COMMAND}"
        return RequestError(message, param=close[1][0] if close else None, code="no_recording")
