"""What a session starts on this machine."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from helpers import services
from helpers.keys import Keys
from helpers.replay.pace import PaceError
from helpers.session.choice import Choice
from helpers.session.preparation import FOLDER, start_services


def test_a_live_session_starts_nothing():
    with contextlib.ExitStack() as opened:
        assert start_services(Choice("live", "provider", "langsmith"), {}, Keys(), opened) is None


def test_the_traces_of_a_killed_process_are_swept(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, ours = tmp_path / f"{FOLDER}{gone.pid}-x", tmp_path / f"{FOLDER}{os.getppid()}-y"
    for folder in (left, ours):
        folder.mkdir()
        (folder / "traces.sqlite").write_bytes(b"x")
    with contextlib.ExitStack() as opened:
        assert start_services(Choice("replay", "recordings", "local"), {}, Keys(), opened)
        assert not left.exists()
        assert ours.exists()
    assert [path.name for path in Path(tmp_path).iterdir()] == [ours.name]


@pytest.mark.parametrize(("pace", "expected"), [("0.5", 0.5), ("", 1.0)])
def test_answers_come_at_the_pace_of_the_environment(monkeypatch, pace, expected):
    given = []
    make = services.create_app

    def create_app(*arguments, **options):
        given.append(options["pace"])
        return make(*arguments, **options)

    monkeypatch.setattr(services, "create_app", create_app)
    with contextlib.ExitStack() as opened:
        own = {"TUTORIAL_PACE": pace}
        assert start_services(Choice("replay", "recordings", "local"), own, Keys(), opened)
    assert given == [expected]


def test_a_wrong_pace_starts_nothing():
    with contextlib.ExitStack() as opened, pytest.raises(PaceError, match="TUTORIAL_PACE"):
        choice, own = Choice("replay", "recordings", "local"), {"TUTORIAL_PACE": "quick"}
        start_services(choice, own, Keys(), opened)
