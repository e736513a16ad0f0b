"""The stand-in answers what plain text can answer."""

from __future__ import annotations

import asyncio
import json

import pytest

from helpers.replay.answerer import Asked
from helpers.replay.answerers import StandIn
from helpers.replay.answerers.standin import NO_USAGE, TEXT, can_answer, events
from tests.replay.samples import CHAT, DNS

TOOL = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"response_format": {"type": "text"}},
        {"tools": [TOOL], "tool_choice": "auto"},
        {"tools": [TOOL], "tool_choice": "none"},
    ],
)
def test_text_is_a_fitting_answer(body):
    assert can_answer(CHAT, DNS | body)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/embeddings", {}),
        ("/responses", {}),
        (CHAT, {"response_format": {"type": "json_object"}}),
        (CHAT, {"tools": [TOOL], "tool_choice": "required"}),
    ],
)
def test_where_it_is_not_the_next_is_asked(path, body):
    assert asyncio.run(StandIn().answer(Asked(path, DNS | body, "key"))) is None


def test_the_answer_says_what_it_is_the_same_each_time():
    first, second = (asyncio.run(StandIn().answer(Asked(CHAT, DNS, "key"))) for _ in range(2))
    assert first is not None and second is not None and first.body == second.body
    assert json.loads(bytes(first.body))["choices"][0]["message"]["content"] == TEXT


def test_nothing_was_used():
    answered = asyncio.run(StandIn().answer(Asked(CHAT, DNS, "key")))
    assert answered is not None and json.loads(bytes(answered.body))["usage"] == NO_USAGE
    *_, usage, _ = events(DNS)
    assert json.loads(usage.removeprefix("data: "))["usage"] == NO_USAGE


def test_a_stream_ends_with_done():
    *_, last, _, done = events(DNS)
    assert json.loads(last.removeprefix("data: "))["choices"][0]["finish_reason"] == "stop"
    assert done == "data: [DONE]"
