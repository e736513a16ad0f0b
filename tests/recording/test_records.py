"""One recorded exchange, and what its file holds."""

from __future__ import annotations

import pytest

from helpers.recording import Recording
from helpers.recording.records import content
from tests.recording.samples import ANSWER, CHAT, asked


def test_the_file_holds_all_but_its_own_name():
    held = content(asked("What is HTTP?"))
    assert set(held) == {"path", "request", "response", "recorded"}
    assert (held["path"], held["response"]) == (CHAT, ANSWER)


@pytest.mark.parametrize(
    ("recorded", "speaker"),
    [({"model": "SmolLM2 Q4_1 by x"}, "SmolLM2"), ({}, "an unnamed model"), ({"model": 1}, None)],
)
def test_it_tells_who_spoke(recorded, speaker):
    assert Recording(CHAT, {}, {}, recorded).speaker == (speaker or "an unnamed model")


@pytest.mark.parametrize(
    ("response", "seconds"),
    [
        ({"body": {}, "seconds": 1.5}, 1.5),
        ({"chunks": [[250, "data: {}"], [0, "data: {}"], [500, "data: [DONE]"]]}, 0.75),
        ({"body": {}}, None),
    ],
)
def test_it_tells_how_long_the_answer_took(response, seconds):
    assert Recording(CHAT, {}, {"status": 200, **response}).seconds == seconds
