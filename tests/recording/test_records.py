"""One recorded exchange, and what its file holds."""

from __future__ import annotations

from helpers.recording.records import content
from tests.recording.samples import ANSWER, CHAT, asked


def test_the_file_holds_all_but_its_own_name():
    held = content(asked("What is HTTP?"))
    assert set(held) == {"path", "request", "response", "recorded"}
    assert (held["path"], held["response"]) == (CHAT, ANSWER)
