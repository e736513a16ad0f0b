from __future__ import annotations

from typing import Any

import pytest

from tests.view.drawing import ASK, html, run, text


def test_tool_calls_show_the_function_and_its_arguments():
    call = {"id": "call_1", "function": {"name": "look_up", "arguments": '{"term": "TCP"}'}}
    reply = {"role": "assistant", "content": None, "tool_calls": [call]}
    root = run("ask", outputs={"choices": [{"message": reply}]})
    assert 'out  assistant: look_up({"term": "TCP"})' in text(root)


@pytest.mark.parametrize(
    ("written", "shown"), [('{\n  "term": "A  B"\n}', '{"term": "A  B"}'), ('{\n "te', '{ "te')]
)
def test_a_tool_call_over_several_lines_stays_in_its_line(written, shown):
    call = {"function": {"name": "look_up", "arguments": written}}
    reply = {"role": "assistant", "tool_calls": [call]}
    assert text(run("ask", outputs=reply)).splitlines()[1:] == [
        f"   out  assistant: look_up({shown})"
    ]


def test_a_long_value_is_clipped_and_a_line_break_written_out():
    line = text(run("f", inputs={"text": "one\ntwo" + "x" * 1000})).splitlines()[1]
    assert line.startswith('   in   text: "one\\ntwo') and line.endswith("…") and len(line) == 100


def test_a_lone_surrogate_or_control_character_can_be_stored():
    drawn = html(run("f\ud800", inputs={"a": "\x1b[31m\x00"})) + text(run("f\ud800"))
    assert drawn.encode() and "\x1b" not in drawn and "\x00" not in drawn


def test_of_a_chat_payload_the_messages_are_shown_and_the_rest_counted():
    payload = {**ASK, "id": "1", "startTime": 17.2, "api_base": "http://127.0.0.1:1234"}
    drawn = html(run("f", inputs=payload))
    assert "What is HTTP?" in drawn and "… 3 more fields" in drawn
    assert "1234" not in drawn and "17.2" not in drawn


def test_a_value_nested_too_deep_for_json_is_no_error():
    value: Any = []
    for _ in range(100_000):
        value = [value]
    assert "in   a: …" in text(run("f", inputs={"a": value}))
