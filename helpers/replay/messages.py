"""Which messages OpenAI refuses, alone or for the turn at which they stand.

The words come from errors that users reported: content that is null (langchain-ai/langchainjs
issue 4153, openai/openai-cookbook issue 503), an answer of a tool that nobody called
(crewAIInc/crewAI pull request 1620, run-llama/llama_index issue 10493), a call that no tool answers
(BerriAI/litellm issue 10083). Content that is not there at all is refused as toogle/mlx-dev-server
does in OpenAI's place; a wrong role and a wrong type are written after the pattern of others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from helpers.replay.request import RequestError, missing, wrong_type

__all__ = ["check_messages"]

ROLES = ("system", "assistant", "user", "function", "tool", "developer")
# What an assistant may have said in the place of a text.
INSTEAD = ("tool_calls", "function_call", "audio", "refusal")


def check_messages(messages: Any) -> None:
    """Raise ``RequestError`` for the first message that OpenAI would refuse."""
    if not isinstance(messages, list):
        raise wrong_type("messages", "an array of objects", messages)
    for at, message in enumerate(messages):
        if not isinstance(message, dict):
            raise wrong_type(f"messages[{at}]", "an object", message)
        _check_role(f"messages[{at}].role", message.get("role"))
        _check_content(at, message)
        calls = message.get("tool_calls")
        if calls is not None and not isinstance(calls, list):
            raise wrong_type(f"messages[{at}].tool_calls", "an array of objects", calls)
    _check_turns(messages)


def _check_role(where: str, role: Any) -> None:
    if role is None:
        raise missing(where)
    if not isinstance(role, str):
        raise wrong_type(where, "a string", role)
    if role not in ROLES:
        values = ", ".join(f"'{each}'" for each in ROLES[:-1])
        raise RequestError(
            f"Invalid value: '{role}'. Supported values are: {values}, and '{ROLES[-1]}'.",
            param=where,
            code="invalid_value",
        )


def _check_content(at: int, message: Mapping[str, Any]) -> None:
    where, content = f"messages[{at}].content", message.get("content")
    if isinstance(content, (str, list)):
        return
    if content is not None:
        raise wrong_type(where, "one of a string or array of objects", content)
    said = message["role"] == "assistant" and any(message.get(name) for name in INSTEAD)
    if said or message["role"] == "function":
        return
    if "content" not in message:
        raise missing(where)
    raise RequestError(
        "Invalid value for 'content': expected a string, got null.",
        param=f"messages.[{at}].content",
    )


def _check_turns(messages: Sequence[Mapping[str, Any]]) -> None:
    """Hold answers of tools to the calls before them, and calls to the answers after them."""
    waiting: list[str] | None = None  # the ids of calls without an answer; None after other turns
    for at, message in enumerate(messages):
        if message["role"] == "tool":
            if waiting is None:
                raise RequestError(
                    "Invalid parameter: messages with role 'tool' must be a response to a "
                    "preceeding message with 'tool_calls'.",  # the spelling is OpenAI's
                    param=f"messages.[{at}].role",
                )
            waiting = [each for each in waiting if each != message.get("tool_call_id")]
            continue
        _check_answered(waiting)
        calls = message.get("tool_calls") if message["role"] == "assistant" else None
        waiting = (
            [str(call.get("id")) for call in calls if isinstance(call, dict)] if calls else None
        )
    _check_answered(waiting)


def _check_answered(waiting: Sequence[str] | None) -> None:
    if waiting:
        raise RequestError(
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            + ", ".join(waiting),
            param="messages",
        )
