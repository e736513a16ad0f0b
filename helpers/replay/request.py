"""Read a request and refuse what cannot be answered."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import ClientDisconnect, Request

from helpers.errors import TutorialError
from helpers.serving.bounds import SENT_BYTES

__all__ = ["LIMIT", "RequestError", "checked", "read"]

LIMIT = SENT_BYTES
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
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > LIMIT:
                raise RequestError(f"The request is larger than {LIMIT} bytes.", code="too_large")
        return json.loads(content)
    except ClientDisconnect as error:
        raise RequestError("The request ended early.") from error
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
