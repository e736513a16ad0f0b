"""What OpenAI refuses whoever would answer, in its words where those are known.

The words come from errors that users reported: an unknown model (rd-1-2022/ai-openai-helloworld
issue 9), an unknown route (harry0703/MoneyPrinterTurbo issue 57), a wrong type (Jeffser/Alpaca
issue 904, danny-avila/LibreChat issue 3111), a chat model that is to embed (infiniflow/ragflow
issue 1835) or to complete (hegelai/prompttools issue 115), one that completes and is to chat
(Chanzhaoyu/chatgpt-web issue 1428), an embedding model that is to chat ("403 You are not allowed to
sample from this model", which users report of other models too), a temperature that a model has not
(owndev/Open-WebUI-Functions issue 98 and those that ``models`` names), another method (the class
RequestError of luismesa-io/openai-api has it of the route of images; the status is ours).
A value out of range follows "Invalid 'temperature': decimal above maximum value. Expected a value
<= 2, but got 200 instead.", with the code decimal_above_max_value; its fellows, and the words on
content types, are written after the same pattern and were not seen at OpenAI by us.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from helpers.replay import models
from helpers.replay.messages import check_messages
from helpers.replay.request import RequestError, wrong_type

__all__ = ["MODELS", "ROUTES", "check_content_type", "check_model", "check_parameters"]
__all__ += ["unknown_model", "unknown_route", "wrong_method"]

ROUTES = frozenset(("/chat/completions", "/completions", "/embeddings", "/responses"))
MODELS = "/models"  # the one that is read, and not written to

_MEANT = "supported in the v1/{} endpoint. Did you mean to use v1/{}?"

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


def wrong_method(method: str, path: str, *, takes: str) -> RequestError:
    """Return the refusal of a method on a route that ``takes`` another one."""
    hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
    words = f"Not allowed to {method} on {path}. {hint}"
    return RequestError(words, status=405, headers={"allow": takes})


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
                raise wrong_type(name, "a decimal", value)
            _check_range(name, value, "decimal", *DECIMALS[name])
        elif name in INTEGERS:
            if isinstance(value, bool) or not isinstance(value, int):
                raise wrong_type(name, "an integer", value)
            _check_range(name, value, "integer", *INTEGERS[name])
        elif name in OTHERS and not isinstance(value, OTHERS[name][0]):
            raise wrong_type(name, OTHERS[name][1], value)
    if path == "/chat/completions":
        check_messages(body["messages"])


def check_model(path: str, body: Mapping[str, Any]) -> None:
    """Raise ``RequestError`` for what the model of the request cannot do."""
    name = body["model"]
    if path == "/embeddings" and not models.embeds(name):
        raise RequestError("You are not allowed to generate embeddings from this model", status=403)
    if path != "/embeddings" and models.embeds(name):
        raise RequestError("You are not allowed to sample from this model", status=403)
    if path == "/completions" and not models.completes(name):
        words = f"This is a chat model and not {_MEANT.format('completions', 'chat/completions')}"
        raise RequestError(words, status=404, param="model")
    if path == "/chat/completions" and models.completes(name):
        words = f"This is not a chat model and thus not {_MEANT.format(path[1:], 'completions')}"
        raise RequestError(words, status=404, param="model")
    if path == "/chat/completions" and body.get("temperature") is not None:
        _check_temperature(models.temperature(name), body["temperature"])


def _check_temperature(taken: str, given: float) -> None:
    if taken == "default" and given != 1:
        raise RequestError(
            f"Unsupported value: 'temperature' does not support {json.dumps(given)} with this "
            "model. Only the default (1) value is supported.",
            param="temperature",
            code="unsupported_value",
        )
    if taken == "none":
        raise RequestError(
            "Unsupported parameter: 'temperature' is not supported with this model.",
            param="temperature",
            code="unsupported_parameter",
        )


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
