"""What decides which recording answers."""

from __future__ import annotations

import difflib

import pytest

from helpers.recording import alike, deciding, key, load, nearest, save
from tests.recording.samples import BODY, CHAT, asked


@pytest.mark.parametrize(
    "same",
    [
        {"temperature": 0.0},
        {"stream": False},
        {"user": "ada", "metadata": {"a": "1"}, "store": True},
        {"stream_options": {"include_usage": True}},
        {"tools": None},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "What is HTTP?"}]}]},
        {"messages": [{"role": "user", "content": "What is HTTP?", "name": None}]},
    ],
)
def test_what_clients_write_differently_finds_the_same_recording(same):
    assert key(CHAT, BODY | same) == key(CHAT, BODY)


@pytest.mark.parametrize(
    "other",
    [
        {"model": "n"},
        {"temperature": 1},
        {"stream": True},
        {"max_tokens": 5},
        {"tools": [{"type": "function"}]},
        {"response_format": {"type": "json_object"}},
        {"messages": [{"role": "system", "content": "What is HTTP?"}]},
        {"a_field_of_tomorrow": 1},
    ],
)
def test_what_decides_the_answer_asks_for_another_recording(other):
    assert key(CHAT, BODY | other) != key(CHAT, BODY)


def test_both_names_of_the_token_limit_are_one():
    assert deciding({"max_completion_tokens": 5}) == deciding({"max_tokens": 5})


def test_one_text_to_embed_may_stand_in_a_list():
    assert deciding({"input": ["a"]}) == deciding({"input": "a"}) != deciding({"input": ["a", "b"]})


def test_one_prompt_may_stand_in_a_list():
    assert deciding({"prompt": ["x"]}) == deciding({"prompt": "x"}) != deciding({"prompt": []})


def test_the_nearest_recording_is_named_with_what_differs(tmp_path):
    for text in ("What is HTTP?", "What is DNS?", "Name a colour."):
        save(tmp_path, asked(text))
    recording, fields = nearest(load(tmp_path), CHAT, asked("What is HTTPS?", seed=1).request)
    assert recording.name.startswith("what-is-http--") and fields == ["messages[0]", "seed"]


def test_a_recording_of_another_route_is_not_near(tmp_path):
    save(tmp_path, asked("What is HTTP?"))
    assert nearest(load(tmp_path), "/responses", {"input": "What is HTTP?"}) is None


def test_without_recordings_none_is_nearest():
    assert nearest({}, CHAT, BODY) is None


def test_the_nearest_of_a_very_long_prompt_is_sought_by_its_start(tmp_path, monkeypatch):
    lengths = []

    class Counting(difflib.SequenceMatcher):
        def __init__(self, junk, one, other):
            lengths.append(max(len(one), len(other)))
            super().__init__(junk, one, other)

    monkeypatch.setattr(difflib, "SequenceMatcher", Counting)
    save(tmp_path, asked("What is HTTP?"))
    assert nearest(load(tmp_path), CHAT, asked("What is HTTPS? " * 10**5).request)
    assert lengths == [2_000]


CALL = {"tool_calls": [{"id": "call_1", "function": {"name": "look_up", "arguments": "{}"}}]}
SAID = {"id": "chatcmpl-1", "created": 1, "choices": [{"message": CALL}], "usage": {"total": 3}}


def test_answers_are_alike_whose_ids_and_times_differ():
    again = {"tool_calls": [{**CALL["tool_calls"][0], "id": "call_2"}]}
    other = {**SAID, "id": "chatcmpl-2", "created": 2, "choices": [{"message": again}]}
    assert alike(SAID, {**other, "system_fingerprint": "fp_2"})


@pytest.mark.parametrize("other", [{"usage": {"total": 4}}, {"choices": []}, {"model": "n"}])
def test_answers_with_other_words_are_not_alike(other):
    assert not alike(SAID, {**SAID, **other})
