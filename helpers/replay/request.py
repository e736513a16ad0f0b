"""Read a request and refuse what cannot be answered."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from helpers.errors import TutorialError
from helpers.serving.body import TooLarge, receive
from helpers.serving.bounds import MODEL_JSON_BYTES
from helpers.serving.weight import light, weight

__all__ = ["RequestError", "checked", "read"]

REQUIRED = {"/chat/completions": "messages", "/embeddings": "input", "/responses": "input"}


class RequestError(TutorialError):
    """A request that is answered by an OpenAI-shaped error."""

    def __init__(
        self, message: str, *, status: int = 400, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.param, self.code = status, param, code


async def read(request: Request) -> Any:
    """Return the JSON value that a request carries; raise ``RequestError``."""
    try:
        content = (await receive(request)).content()
    except TooLarge as error:
        message = f"The request is too large: {error}."
        raise RequestError(message, code="too_large") from error
    bound = MODEL_JSON_BYTES
    if not light(content, bound, copies=0) and weight(content, copies=0) > bound:
        message = f"The request's values would take more than {bound} bytes beside its texts."
        raise RequestError(message, code="too_large")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RequestError("The request's body is not JSON.", code="invalid_json") from error


def checked(path: str, body: Any) -> dict[str, Any]:
    """Return ``body`` if it has what its route needs, else raise ``RequestError``."""
    if not isinstance(body, dict):
        raise RequestError("The request's body is not a JSON object.", code="invalid_json")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise RequestError("You must provide a model parameter, a text.", param="model")
    name = REQUIRED.get(path)
    if name == "messages" and body.get(name) == []:
        # As in CopilotKit/CopilotKit issue 529.
        raise RequestError(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            param=name,
            code="empty_array",
        )
    if name and not body.get(name):
        words = f"Missing required parameter: '{name}'."
        raise RequestError(words, param=name, code="missing_required_parameter")
    return body
