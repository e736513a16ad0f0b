"""The recorder without a notebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers import recorder
from helpers.errors import TutorialError
from helpers.recording import MORE, Recording, key, load, save
from tests.replay import conftest

provider = conftest.provider
ENVIRON = {"OPENAI_API_KEY": "not-a-real-one"}


def nobody(number: int, count: int, path: Path) -> None:
    """Report no progress."""


@pytest.fixture
def environ(provider):
    """The variables of somebody who has a provider; ``provider`` is that of tests/replay."""
    return {"OPENAI_API_KEY": provider[0].api_key, "OPENAI_BASE_URL": provider[0].base_url}


def test_each_term_gets_the_questions_of_the_lessons():
    asked = recorder.questions(["an API"])
    prompts = [body["messages"][0]["content"] for _, body in asked]
    assert prompts[0] == prompts[1] == "What is an API? Answer in one sentence."
    assert prompts[2:] == [
        "Explain an API to a child in one sentence.",
        "In computing, what is an API? Answer in one sentence.",
        "Use the word API in a sentence.",
        "Use the word an API in a sentence.",
    ]
    assert [body.get("stream", False) for _, body in asked] == [False, True, *[False] * 4]


def test_what_a_lesson_asks_itself_is_not_recorded_twice(tmp_path: Path, environ):
    more = tmp_path / MORE
    more.mkdir()
    (more / recorder.TERMS).write_text("OAuth\n")
    path, body = recorder.questions(["OAuth"])[0]
    save(tmp_path, Recording(path, body, {"status": 200, "body": {}}))
    assert recorder.record_more(more, nobody, environ=environ) == []
    assert key(path, body) not in load(more) and len(load(more)) == 4


def test_what_terms_lack_is_recorded_once(tmp_path: Path, provider, environ):
    (tmp_path / recorder.TERMS).write_text("OAuth\n\n a compiler \n")
    assert recorder.record_more(tmp_path, nobody, environ=environ) == []
    assert len(load(tmp_path)) == 5 + 6
    asked = len(provider[1])
    recorder.record_more(tmp_path, nobody, environ=environ)
    assert len(provider[1]) == asked + 1  # the one that wakes the provider up


def test_a_folder_without_terms_says_what_to_write(tmp_path: Path):
    with pytest.raises(TutorialError, match="terms.txt.*a term a line"):
        recorder.record_more(tmp_path, nobody, environ=ENVIRON)


def test_times_are_added_where_the_answer_is_the_same(tmp_path: Path, environ):
    (tmp_path / recorder.TERMS).write_text("OAuth\n")
    recorder.record_more(tmp_path, nobody, environ=environ)
    files = [path for path in tmp_path.glob("*.json") if "chunks" not in path.read_text()]
    for path in files:
        written = json.loads(path.read_text())
        del written["response"]["seconds"]
        path.write_text(json.dumps(written))
    changed = json.loads(files[0].read_text())
    changed["response"]["body"]["choices"] = []
    files[0].write_text(json.dumps(changed))
    (words,) = recorder.time_recordings(tmp_path, nobody, environ=environ)
    assert files[0].name in words and "stays as it was" in words
    assert [each.seconds is None for each in load(tmp_path).values()].count(True) == 1
    assert recorder.time_recordings(tmp_path / "nowhere", nobody, environ=environ) == []


def test_times_are_added_to_what_learners_may_ask_too(tmp_path: Path, environ):
    more = tmp_path / MORE
    more.mkdir()
    (more / recorder.TERMS).write_text("OAuth\n")
    recorder.record_more(more, nobody, environ=environ)
    path = next(path for path in more.glob("*.json") if "chunks" not in path.read_text())
    written = json.loads(path.read_text())
    del written["response"]["seconds"]
    path.write_text(json.dumps(written))
    assert recorder.time_recordings(tmp_path, nobody, environ=environ) == []
    assert "seconds" in json.loads(path.read_text())["response"]
