"""Between OpenAI's requests and what the model knows, whose template has no tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.smollm2.model import MODEL

__all__ = ["LONGEST", "note", "prepared", "presented"]

LONGEST = 512  # tokens of an answer: a small model may repeat itself for ever
CALLED = "I looked it up."  # shown the arguments, the model would repeat them as its answer
RETURNED = "The tool says: "
FORCED = (
    "The model knows no tools. The caller chose the tool; the model wrote the arguments, held to "
    "the tool's JSON schema, and they were put where a tool call stands."
)
RETOLD = f"The model knows no tools. It read the call as {CALLED!r}, the result after {RETURNED!r}."


def prepared(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request as llama.cpp gets it, so that it answers the same each time.

    The model's chat template knows no tools. A forced tool call is asked for as JSON under the
    tool's own schema; with ``tool_choice`` auto the model answers in text. Raises ``ValueError``
    when no model is named, or several tools are offered and none is chosen.
    """
    if not (isinstance(body, Mapping) and body.get("model")):
        raise ValueError("you must provide a model parameter")  # danielmiessler/Fabric issue 239
    sent = {name: value for name, value in body.items() if value is not None}
    # The prompt cache would let earlier requests change the rounding, and so the words.
    sent = {"seed": 0, "temperature": 0} | sent | {"cache_prompt": False}
    for name in ("max_tokens", "max_completion_tokens", "max_output_tokens"):
        if isinstance(sent.get(name), int):
            sent[name] = min(sent[name], LONGEST)
    if isinstance(sent.get("messages"), list):
        sent["messages"] = [_message(message) for message in sent["messages"]]
    tool = _forced(sent)
    sent = {name: sent[name] for name in sent if name not in ("tools", "tool_choice")}
    if tool:
        order = f"Answer with the JSON arguments of the function {tool['name']}: "
        system = {"role": "system", "content": order + tool.get("description", "")}
        sent["messages"] = [system, *sent["messages"]]
        schema = {"name": tool["name"], "schema": tool.get("parameters", {"type": "object"})}
        sent["response_format"] = {"type": "json_schema", "json_schema": schema}
    return sent


def presented(content: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer, or an event of a stream, under the name that the caller asked for.

    A forced tool call is put where clients look for one; llama.cpp's timings are left out.
    """
    content = {name: value for name, value in content.items() if name != "timings"}
    if "model" in content:
        content["model"] = body["model"]
    if isinstance(content.get("response"), dict):
        content["response"] = presented(content["response"], body)
    if tool := _forced(body):
        content["choices"] = [
            _call(choice, tool["name"], f"call_{content['id'][-12:]}")
            for choice in content.get("choices", [])
        ]
    return content


def note(body: Mapping[str, Any]) -> str:
    """Return what the one who reads an answer to ``body`` has to know of it, mostly nothing.

    That is which part of a tool call is not the model's own, and in which words it read one.
    """
    messages = body.get("messages")
    retold = isinstance(messages, list) and any(_message(each) is not each for each in messages)
    forced = _forced(body) is not None
    return " ".join([*([FORCED] if forced else []), *([RETOLD] if retold else [])])


def _message(message: Any) -> Any:
    """Write tool calls and their results as the turns of a talk, which is all the model knows."""
    match message:
        case {"role": "tool", "content": content}:
            return {"role": "user", "content": f"{RETURNED}{content}"}
        case {"role": "assistant", "tool_calls": [_, *_]}:
            return {"role": "assistant", "content": CALLED}
    return message


def _forced(body: Mapping[str, Any]) -> dict[str, Any] | None:
    tools: list[dict[str, Any]] = [
        tool["function"] for tool in body.get("tools") or [] if "function" in tool
    ]
    match body.get("tool_choice"):
        case {"function": {"name": name}}:
            tools = [tool for tool in tools if tool["name"] == name]
        case "required":
            pass
        case _:
            return None
    if len(tools) != 1:
        raise ValueError(f"{MODEL} calls one tool: name one of the offered in tool_choice.")
    return tools[0]


def _call(choice: dict[str, Any], name: str, identifier: str) -> dict[str, Any]:
    part = "delta" if "delta" in choice else "message"
    said = dict(choice[part])
    arguments = said.pop("content", None)
    function = {"arguments": arguments or ""}
    call: dict[str, Any] = {"function": function}
    if "role" in said:  # a whole message, or the first event of a stream
        call = {"id": identifier, "type": "function", "function": {"name": name, **function}}
    if part == "delta":
        call = {"index": 0, **call}
    if "role" in said or arguments:
        said |= (
            {"content": None, "tool_calls": [call]} if "role" in said else {"tool_calls": [call]}
        )
    reason = "tool_calls" if choice["finish_reason"] == "stop" else choice["finish_reason"]
    return {**choice, part: said, "finish_reason": reason}
