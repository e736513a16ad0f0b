"""What a learner has done is kept in a file of the learner's own, and nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.exercises import catalogue, progress
from helpers.exercises.ledger import Ledger

FIRST = catalogue.find("01", 1)


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setenv("TUTORIAL_PROGRESS", str(tmp_path / "new" / "progress.json"))
    return Ledger.of_learner()


def test_without_a_file_everything_is_open(ledger: Ledger):
    assert "lesson 01: q1 open, q2 open, q3 open" in repr(progress())
    assert not ledger.path.exists()


def test_attempts_are_kept_until_one_is_right(ledger: Ledger):
    assert ledger.note(FIRST, right=False) == ""
    assert "q1 tried" in repr(progress())
    ledger.note(FIRST, right=True)
    assert "lesson 01: q1 right, q2 open" in repr(progress())
    once = ledger.read()["01.1"]
    assert once["attempts"] == 2
    ledger.note(FIRST, right=True)
    assert ledger.read()["01.1"] == once


def test_a_wrong_attempt_afterwards_takes_nothing_back(ledger: Ledger):
    ledger.note(FIRST, right=True)
    ledger.note(FIRST, right=False)
    assert "lesson 01: q1 right" in repr(progress())


def test_it_begins_anew(ledger: Ledger):
    ledger.note(FIRST, right=True)
    assert progress().reset() == "The course begins anew."
    assert "q1 open" in repr(progress())
    assert progress().reset() == "There was no progress yet."


@pytest.mark.parametrize("content", ["", "{", "[]", '{"exercises": {"01.1": {}}}', "\x00"])
def test_a_file_that_is_not_ours_is_left_and_named(ledger: Ledger, content: str):
    ledger.path.parent.mkdir()
    ledger.path.write_text(content)
    assert str(ledger.path) in ledger.note(FIRST, right=True)
    assert "was left as it is" in progress().reset()
    assert ledger.path.read_text() == content
    assert "q1 open" in repr(progress())


def test_a_damaged_entry_of_ours_is_no_error(ledger: Ledger):
    ledger.path.parent.mkdir()
    ledger.path.write_text(json.dumps({"format": ledger.file.format, "exercises": {"01.1": {}}}))
    assert "q1 open" in repr(progress())
