"""What the model is given, and how its answers are presented."""

from __future__ import annotations

import pytest

from helpers.smollm2.chat import note, prepared, presented
from helpers.smollm2.model import MODEL
from tests.smollm2.requests import FORCED, OTHER, QUESTION, TOOL, TOOLS


def test_answers_are_made_repeatable():
    sent = prepared({"model": "m", "messages": QUESTION})
    assert (sent["temperature"], sent["seed"], sent["cache_prompt"]) == (0, 0, False)


def test_what_a_caller_asks_for_goes_before_our_defaults():
    sent = prepared({"model": "m", "messages": QUESTION, "temperature": 1, "seed": 3})
    assert (sent["temperature"], sent["seed"]) == (1, 3)


def test_the_length_of_an_answer_is_bounded():
    assert prepared({"model": "m", "max_tokens": 10**6})["max_tokens"] == 512


@pytest.mark.parametrize("choice", ["required", {"function": {"name": "look_up"}}])
def test_a_forced_tool_is_asked_for_by_its_schema(choice):
    sent = prepared({**FORCED, "tool_choice": choice})
    assert sent["response_format"]["json_schema"]["schema"] == TOOL["parameters"]
    assert "tools" not in sent and sent["messages"][1:] == QUESTION


def test_a_tool_that_is_only_offered_leaves_the_question_as_it_is():
    assert prepared({**FORCED, "tool_choice": "auto"})["messages"] == QUESTION


def test_one_of_several_tools_must_be_named():
    with pytest.raises(ValueError, match="name one"):
        prepared({**FORCED, "tools": [*TOOLS, OTHER]})
    named = {"function": {"name": "other"}}
    prepared({**FORCED, "tools": [*TOOLS, OTHER], "tool_choice": named})


def test_results_of_tools_become_turns_of_a_talk():
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": TOOL}]}
    result = {"role": "tool", "tool_call_id": "1", "content": "A protocol."}
    sent = prepared({"model": "m", "messages": [*QUESTION, call, result]})["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert "A protocol." in sent[2]["content"] and isinstance(sent[1]["content"], str)


def test_a_forced_call_and_a_retold_one_come_with_a_note():
    forced = note(FORCED)
    assert "The caller chose the tool" in forced and "I looked it up" not in forced
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": TOOL}]}
    retold = note({"messages": [*QUESTION, call]})
    assert "I looked it up" in retold and "The caller chose" not in retold
    assert note({"messages": QUESTION}) == ""


def test_an_answer_bears_the_name_that_was_asked_for():
    shown = presented({"model": MODEL, "timings": {}}, {"model": "gpt-4o"})
    assert shown == {"model": "gpt-4o"}


def test_a_forced_call_is_put_where_clients_look_for_one():
    message = {"role": "assistant", "content": '{"term": "HTTP"}'}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    [shown] = presented({"id": "chatcmpl-1", "choices": [choice]}, FORCED)["choices"]
    [call] = shown["message"]["tool_calls"]
    assert call["function"] == {"name": "look_up", "arguments": '{"term": "HTTP"}'}
    assert (shown["finish_reason"], shown["message"]["content"]) == ("tool_calls", None)
