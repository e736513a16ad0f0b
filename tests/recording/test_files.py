"""How recordings are written and read."""

from __future__ import annotations

import json

import pytest

from helpers.recording import Recording, RecordingError, find, key, load, save
from tests.recording.samples import ANSWER, BODY, CHAT, asked


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


def test_one_recording_is_found_by_its_key_alone(tmp_path):
    recording = asked("What is HTTP?")
    save(tmp_path, recording)
    (tmp_path / "another--ffffff.json").write_text("damaged, and not read")
    digest = key(CHAT, recording.request)
    found = find(tmp_path, digest)
    assert found is not None and found.response == ANSWER
    assert find(tmp_path, digest[:6] + "0" * 58) is None  # the name alone does not decide
    assert find(tmp_path / "nowhere", digest) is None


def test_two_files_for_one_request_are_refused_by_name(tmp_path):
    path = save(tmp_path, asked("What is HTTP?"))
    (tmp_path / "copy.json").write_bytes(path.read_bytes())
    with pytest.raises(RecordingError, match=f"copy.json and {path.name}.*Delete one"):
        load(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b'{"path": 1, "request": {}, "response": {"status": 200}}']
    + [b'{"path": "/a", "request": {}, "response": {"status": 200}}']
    + [b'{"path": "/a", "request": {}, "response": {"status": 200, "chunks": [["a", 1]]}}']
    + [
        b'{"path": "/a", "request": {}, "response": {"status": 200, "body": 1, "seconds": %b}}'
        % wrong
        for wrong in (b'"1"', b"-1", b"NaN", b"null")
    ],
)
def test_a_damaged_file_is_refused_with_the_command_that_mends_it(tmp_path, content):
    (tmp_path / "broken.json").write_bytes(content)
    with pytest.raises(RecordingError, match="broken.json is not a recording.*helpers record"):
        load(tmp_path)
