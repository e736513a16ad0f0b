"""What holds for the recordings in this repository."""

from __future__ import annotations

from helpers.paths import RECORDINGS
from helpers.recording import load


def test_every_recording_says_how_long_the_model_took():
    untimed = [each.name for each in load(RECORDINGS).values() if not each.seconds]
    assert not untimed, "python -m helpers record --seconds NOTEBOOK adds what is missing"
