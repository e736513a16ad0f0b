"""Read a request and refuse what cannot be answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from starlette.requests import Request

from helpers.errors import TutorialError
from helpers.serving.body import TooLarge, receive
from helpers.serving.bounds import MODEL_JSON_BYTES
from helpers.serving.weight import light, weight

__all__ = ["RequestError", "checked", "missing", "read", "wrong_type"]

# As in ChatGPTNextWeb/NextChat issue 4064 and microsoft/graphrag issue 2286.
NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
    "your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not "
    "valid JSON. If you have trouble figuring out how to fix this, please contact us through our "
    "help center at help.openai.com.)"
)

REQUIRED = {"/chat/completions": "messages", "/embeddings": "input", "/responses": "input"}


class RequestError(TutorialError):
    """A request that is answered by an OpenAI-shaped error, with ``headers`` of its own."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(message)
        self.status, self.param, self.code, self.headers = status, param, code, headers


async def read(request: Request) -> Any:
    """Return the JSON value that a request carries; raise ``RequestError``."""
    try:
        body = await receive(request)
    except TooLarge as error:
        message = f"The request is too large: {error}."
        raise RequestError(message, code="too_large") from error
    content = body.content()
    body.drop()
    bound = MODEL_JSON_BYTES
    if not light(content, bound, copies=0) and weight(content, copies=0) > bound:
        message = f"The request's values would take more than {bound} bytes beside its texts."
        raise RequestError(message, code="too_large")
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RequestError(NOT_JSON) from error


def checked(path: str, body: Any) -> dict[str, Any]:
    """Return ``body`` if it has what its route needs, else raise ``RequestError``."""
    if not isinstance(body, dict):
        raise RequestError("The request's body is not a JSON object.", code="invalid_json")
    if not body.get("model"):
        raise RequestError("you must provide a model parameter")  # danielmiessler/Fabric issue 239
    if not isinstance(body["model"], str):
        raise wrong_type("model", "a string", body["model"])
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
        raise missing(name)
    return body


def missing(name: str) -> RequestError:
    """Return the refusal of a request that lacks a parameter."""
    words = f"Missing required parameter: '{name}'."
    return RequestError(words, param=name, code="missing_required_parameter")


def wrong_type(name: str, expected: str, value: Any) -> RequestError:
    """Return the refusal of a parameter that is of another type than ``expected``."""
    return RequestError(
        f"Invalid type for '{name}': expected {expected}, but got {_kind(value)} instead.",
        param=name,
        code="invalid_type",
    )


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a decimal number"
        case str():
            return "a string"
        case list():
            return "an array"
    return "an object"
