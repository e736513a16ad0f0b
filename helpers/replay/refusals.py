"""What OpenAI refuses whoever would answer, in its words where those are known.

The words come from errors that users reported: an unknown model (rd-1-2022/ai-openai-helloworld
issue 9), an unknown route (harry0703/MoneyPrinterTurbo issue 57), a wrong type (Jeffser/Alpaca
issue 904, danny-avila/LibreChat issue 3111), an empty array (CopilotKit/CopilotKit issue 529). A
value out of range follows "Invalid 'temperature': decimal above maximum value. Expected a value
<= 2, but got 200 instead.", with the code decimal_above_max_value; its fellows, and the words on
roles and content types, are written after the same pattern and were not seen at OpenAI by us.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.replay.request import RequestError

__all__ = ["ROUTES", "check_content_type", "check_parameters", "unknown_model", "unknown_route"]

ROUTES = frozenset(("/chat/completions", "/completions", "/embeddings", "/responses"))

# What OpenAI has and this service has not: a learner should not look for a misspelling.
ELSEWHERE: tuple[str, ...] = (
    "files",
    "uploads",
    "batches",
    "audio",
    "images",
    "moderations",
    "fine_tuning",
)
ELSEWHERE += ("assistants", "threads", "vector_stores", "conversations", "videos", "realtime")

ROLES = ("system", "assistant", "user", "function", "tool", "developer")

# The least and the greatest value of numbers (the reference of OpenAI's API).
DECIMALS = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}
INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "n": (1, 128),
    "max_tokens": (1, None),
    "max_completion_tokens": (1, None),
    "max_output_tokens": (16, None),
    "top_logprobs": (0, 20),
    "seed": (None, None),
    "dimensions": (1, None),
}
OTHERS: dict[str, tuple[type, str]] = {
    "stream": (bool, "a boolean"),
    "stream_options": (dict, "an object"),
    "tools": (list, "an array of objects"),
    "response_format": (dict, "an object"),
    "user": (str, "a string"),
}


def unknown_route(method: str, path: str) -> RequestError:
    """Return the refusal of a route that is not served; ``path`` is as it was asked for."""
    words = f"Invalid URL ({method} {path})"
    parts = path.removeprefix("/v1").strip("/").split("/")
    if parts[0] in ELSEWHERE:
        words += ". OpenAI has this route, and this service has not: it serves "
        words += ", ".join(sorted(ROUTES)) + " and /models."
    return RequestError(words, status=404)


def unknown_model(name: str) -> RequestError:
    """Return the refusal of a model that there is not."""
    return RequestError(
        f"The model `{name}` does not exist or you do not have access to it.",
        status=404,
        code="model_not_found",
    )


def check_content_type(given: str | None) -> None:
    """Raise ``RequestError`` for a body that says it is something else than JSON."""
    kind = (given or "").partition(";")[0].strip().lower()
    if kind and not kind.endswith("json"):
        raise RequestError(
            f"Unsupported content type: '{kind}'. This API method only accepts 'application/json' "
            f"requests, but you specified the header 'Content-Type: {kind}'. Please try again with "
            "a supported content type.",
            code="unsupported_content_type",
        )


def check_parameters(path: str, body: Mapping[str, Any]) -> None:
    """Raise ``RequestError`` for the first parameter that OpenAI would refuse."""
    for name, value in body.items():
        if value is None:
            continue
        if name in DECIMALS:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise _wrong_type(name, "a decimal", value)
            _check_range(name, value, "decimal", *DECIMALS[name])
        elif name in INTEGERS:
            if isinstance(value, bool) or not isinstance(value, int):
                raise _wrong_type(name, "an integer", value)
            _check_range(name, value, "integer", *INTEGERS[name])
        elif name in OTHERS and not isinstance(value, OTHERS[name][0]):
            raise _wrong_type(name, OTHERS[name][1], value)
    if path == "/chat/completions":
        if not isinstance(body["messages"], list):
            raise _wrong_type("messages", "an array of objects", body["messages"])
        for at, message in enumerate(body["messages"]):
            _check_message(f"messages[{at}]", message)


def _check_message(where: str, message: Any) -> None:
    if not isinstance(message, dict):
        raise _wrong_type(where, "an object", message)
    role, content = message.get("role"), message.get("content")
    if role is None:
        raise RequestError(
            f"Missing required parameter: '{where}.role'.",
            param=f"{where}.role",
            code="missing_required_parameter",
        )
    if not isinstance(role, str):
        raise _wrong_type(f"{where}.role", "a string", role)
    if role not in ROLES:
        values = ", ".join(f"'{each}'" for each in ROLES[:-1])
        raise RequestError(
            f"Invalid value: '{role}'. Supported values are: {values}, and '{ROLES[-1]}'.",
            param=f"{where}.role",
            code="invalid_value",
        )
    if content is not None and not isinstance(content, (str, list)):
        raise _wrong_type(f"{where}.content", "one of a string or array of objects", content)


def _check_range(
    name: str, value: float, kind: str, least: float | None, greatest: float | None
) -> None:
    if least is not None and value < least:
        words, code = f"below minimum value. Expected a value >= {least}", "below_min_value"
    elif greatest is not None and value > greatest:
        words, code = f"above maximum value. Expected a value <= {greatest}", "above_max_value"
    else:
        return
    raise RequestError(
        f"Invalid '{name}': {kind} {words}, but got {value} instead.",
        param=name,
        code=f"{kind}_{code}",
    )


def _wrong_type(name: str, expected: str, value: Any) -> RequestError:
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
