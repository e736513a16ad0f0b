"""Which messages are refused, and which turns."""

from __future__ import annotations

import pytest

from helpers.replay.messages import check_messages
from helpers.replay.request import RequestError

USER = {"role": "user", "content": "What is HTTP?"}


def calling(*ids: str) -> dict:
    calls = [{"id": each, "type": "function", "function": {"name": "look_up"}} for each in ids]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def told(identifier: str) -> dict:
    return {"role": "tool", "tool_call_id": identifier, "content": "A protocol."}


@pytest.mark.parametrize(
    "turns",
    [
        [USER, calling("a"), told("a"), USER],
        [USER, calling("a", "b"), told("b"), told("a"), calling("c"), told("c")],
        [USER, {"role": "assistant", "content": ""}, USER],
        [USER, {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}}],
        [USER, {"role": "function", "name": "f", "content": None}],
        [{"role": "developer", "content": [{"type": "text", "text": "Be short."}]}, USER],
    ],
)
def test_turns_that_openai_takes_are_taken(turns):
    check_messages(turns)


@pytest.mark.parametrize("before", [[], [USER], [calling("a"), told("a"), USER], [USER, USER]])
def test_a_tool_may_not_answer_what_was_not_called(before):
    with pytest.raises(RequestError) as refused:
        check_messages([*before, told("a")])
    assert str(refused.value) == (
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
        "with 'tool_calls'."
    )
    assert (refused.value.param, refused.value.code) == (f"messages.[{len(before)}].role", None)


@pytest.mark.parametrize("after", [[], [told("b")], [told("a"), USER], [USER, told("a")]])
def test_a_call_must_be_answered_by_its_tool(after):
    with pytest.raises(RequestError, match="did not have response messages: ") as refused:
        check_messages([USER, calling("a", "b", "c"), *after])
    assert (refused.value.param, refused.value.code) == ("messages", None)
    assert str(refused.value).endswith(("a, b, c", "b, c", "a, c"))


@pytest.mark.parametrize("calls", ["look_up", {"id": "a"}])
def test_calls_are_a_list(calls):
    with pytest.raises(RequestError, match=r"'messages\[0\].tool_calls': expected an array"):
        check_messages([{"role": "assistant", "content": "", "tool_calls": calls}])


def test_calls_that_are_no_calls_do_not_break_the_check():
    with pytest.raises(RequestError, match="did not have response messages: None"):
        check_messages([{"role": "assistant", "tool_calls": [{}, 1]}])
