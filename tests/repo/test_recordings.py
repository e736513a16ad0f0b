"""What holds for the recordings in this repository."""

from __future__ import annotations

from helpers.paths import RECORDINGS
from helpers.recorder import TERMS, questions
from helpers.recording import MORE, key, load


def test_every_recording_says_how_long_the_model_took():
    untimed = [each.name for each in load(RECORDINGS).values() if not each.seconds]
    assert not untimed, "python -m helpers record --seconds NOTEBOOK adds what is missing"


def test_every_question_about_a_term_is_recorded_and_timed():
    folder = RECORDINGS / MORE
    terms = list(filter(None, (folder / TERMS).read_text("utf-8").split("\n")))
    lessons = load(RECORDINGS).keys()
    asked = {key(path, body) for path, body in questions(terms)} - lessons
    have = load(folder)
    assert have.keys() == asked, "python -m helpers record --more records what is missing"
    assert len(terms) >= 40 and not have.keys() & lessons
    assert [each.name for each in have.values() if not each.seconds] == []
