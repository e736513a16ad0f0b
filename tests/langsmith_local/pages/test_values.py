from __future__ import annotations

import json
from typing import Any

from helpers.langsmith_local.pages.records import Held
from helpers.langsmith_local.pages.values import Block, shown, written


def held(value: Any) -> Held:
    text = json.dumps(value)
    return Held(text, len(text), False)


def told(value: Any, most: int = 10_000) -> list[tuple[str, str]]:
    return [(block.label, block.text) for block in shown(held(value), most=most).blocks]


def test_a_field_is_a_block_of_its_own() -> None:
    assert told({"term": "HTTP", "n": 3}) == [("term", "HTTP"), ("n", "3")]


def test_a_chat_is_a_block_a_message_with_the_rest_beside_it() -> None:
    found = shown(
        held({"messages": [{"role": "user", "content": "HTTP?"}], "model": "m", "stop": None}),
        most=1_000,
    )
    assert found.blocks == (Block("user", "HTTP?", said=True),)
    assert found.more == (Block("model", "m"),)


def test_a_message_of_parts_reads_as_text() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert told({"messages": [{"role": "user", "content": parts}]}) == [("user", "a\nb")]
    image = [{"type": "image_url", "image_url": {"url": "x"}}]
    assert "image_url" in told({"messages": [{"role": "user", "content": image}]})[0][1]


def test_a_message_that_asks_for_a_tool_shows_the_call() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": '{"t": 1}'}}
    answer = {"choices": [{"message": {"role": "assistant", "tool_calls": [call]}}], "id": "x"}
    assert told(answer) == [("assistant", 'look({"t": 1})')]


def test_all_blocks_together_are_bounded_and_what_is_left_is_counted() -> None:
    found = shown(held({"a": "x" * 60, "b": "y" * 60}), most=100)
    assert [(len(block.text), block.left) for block in found.blocks] == [(60, 0), (40, 20)]


def test_more_fields_than_are_shown_are_counted() -> None:
    assert shown(held({str(n): n for n in range(150)}), most=1_000).left == 50


def test_a_long_text_is_folded() -> None:
    assert Block("a", "x" * 5_000).folded and Block("a", "\n" * 50).folded
    assert not Block("a", "x" * 500).folded


def test_what_was_cut_is_shown_as_it_begins() -> None:
    found = shown(Held('{"a": "xx', 9_000_000, True), most=1_000)
    assert (found.cut, found.size, found.blocks[0].text) == (True, 9_000_000, '{"a": "xx')


def test_nothing_is_shown_of_nothing() -> None:
    assert shown(Held(None, 0, False), most=10).blocks == shown(held({}), most=10).blocks == ()


def test_what_is_no_text_is_written_as_json_on_lines() -> None:
    assert written({"a": [1]}) == '{\n  "a": [\n    1\n  ]\n}'


def test_what_is_too_deep_to_be_written_is_left_out() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    assert written(deep) == "…"


def test_a_number_is_written_without_an_exponent() -> None:
    assert written({"cost": 2.0249999999999998e-05}) == '{\n  "cost": 0.00002025\n}'
