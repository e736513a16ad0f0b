"""What is matched, kept and refused when model answers are recorded."""

from __future__ import annotations

import json

import pytest

from helpers.recording import (
    Recording,
    RecordingError,
    SecretFound,
    deciding,
    key,
    load,
    nearest,
    save,
    scrub,
)

CHAT = "/chat/completions"
BODY = {"model": "m", "messages": [{"role": "user", "content": "What is HTTP?"}], "temperature": 0}
ANSWER = {"status": 200, "headers": {}, "body": {"id": "chatcmpl-1"}}


def asked(text: str, **fields: object) -> Recording:
    request = {"model": "m", "messages": [{"role": "user", "content": text}], **fields}
    return Recording(CHAT, request, ANSWER, {"model": "m"})


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


def test_what_is_saved_is_loaded(tmp_path):
    recording = asked("What is HTTP?")
    path = save(tmp_path, recording)
    assert load(tmp_path)[key(CHAT, recording.request)].response == ANSWER
    assert path.name.startswith("what-is-http--") and path.read_bytes().isascii()


def test_nothing_else_is_left_in_the_folder(tmp_path):
    path = save(tmp_path, asked("What is HTTP?"))
    assert list(tmp_path.iterdir()) == [path]


def test_a_request_keeps_its_file_unless_told_otherwise(tmp_path):
    recording = asked("What is HTTP?")
    path = save(tmp_path, recording)
    newer = Recording(CHAT, recording.request, {**ANSWER, "body": {"id": "chatcmpl-2"}})
    save(tmp_path, newer)
    assert "chatcmpl-1" in path.read_text()
    assert save(tmp_path, newer, replace=True) == path and "chatcmpl-2" in path.read_text()


def test_vectors_and_events_take_a_line_each(tmp_path):
    chunks = [[3, 'data: {"a":"[\\n 1,\\n 2]"}'], [0, "data: [DONE]"]]
    response = {"status": 200, "headers": {}, "chunks": chunks, "vector": [0.5, -1e-05, 2]}
    path = save(tmp_path, Recording(CHAT, BODY, response))
    assert json.loads(path.read_text())["response"] == response
    assert '"vector": [0.5, -1e-05, 2]' in path.read_text()
    assert '[0, "data: [DONE]"]' in path.read_text()


def test_two_files_for_one_request_are_refused_by_name(tmp_path):
    path = save(tmp_path, asked("What is HTTP?"))
    (tmp_path / "copy.json").write_bytes(path.read_bytes())
    with pytest.raises(RecordingError, match=f"copy.json and {path.name}.*Delete one"):
        load(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b'{"path": 1, "request": {}, "response": {"status": 200}}']
    + [b'{"path": "/a", "request": {}, "response": {"status": 200}}']
    + [b'{"path": "/a", "request": {}, "response": {"status": 200, "chunks": [["a", 1]]}}'],
)
def test_a_damaged_file_is_refused_with_the_command_that_mends_it(tmp_path, content):
    (tmp_path / "broken.json").write_bytes(content)
    with pytest.raises(RecordingError, match="broken.json is not a recording.*helpers record"):
        load(tmp_path)


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-" + "a1B2" * 8,
        "lsv2_pt_" + "0f" * 16,
        "Bearer abc123def456",
        "AKIA" + "ABCDEFGH12345678",
        "ghp_" + "a1" * 18,
        "hf_" + "Ab" * 17,
        "org-" + "a1B2c3D4" * 3,
        "mail ada.lovelace@some-company.co.uk now",
        "root@example.company",
    ],
)
def test_a_secret_stops_the_recording_and_is_not_repeated(tmp_path, secret):
    with pytest.raises(SecretFound, match=r"request\.messages\[0\]\.content") as caught:
        save(tmp_path, asked(f"Say {secret}."))
    assert secret not in str(caught.value) and not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["body", "chunks"])
def test_a_secret_in_the_answer_is_found_too(place):
    value = {"body": {"a": "Bearer abc123def456"}, "chunks": [[1, "Bearer abc123def456"]]}[place]
    with pytest.raises(SecretFound, match=rf"response\.{place}"):
        scrub(Recording(CHAT, BODY, {"status": 200, place: value}))


@pytest.mark.parametrize(
    "text",
    ["ada@example.com", "bob@mail.example", "task-force-alpha-and-omega", "a Bearer token", "sk-…"],
)
def test_what_only_resembles_a_secret_is_recorded(text):
    assert scrub(asked(text)).request["messages"][0]["content"] == text


def test_headers_are_kept_by_an_allow_list():
    headers = {"Retry-After": "3", "Set-Cookie": "a=b", "openai-organization": "us"}
    scrubbed = scrub(Recording(CHAT, BODY, {"status": 429, "headers": headers, "body": {}}))
    assert scrubbed.response["headers"] == {"retry-after": "3"}


def test_the_nearest_recording_is_named_with_what_differs(tmp_path):
    for text in ("What is HTTP?", "What is DNS?", "Name a colour."):
        save(tmp_path, asked(text))
    recording, fields = nearest(load(tmp_path), CHAT, asked("What is HTTPS?", seed=1).request)
    assert recording.name.startswith("what-is-http--") and fields == ["messages[0]", "seed"]


def test_without_recordings_none_is_nearest():
    assert nearest({}, CHAT, BODY) is None
