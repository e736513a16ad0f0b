"""What a session starts on this machine."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from helpers import services, smollm2
from helpers.errors import TutorialError
from helpers.keys import Keys
from helpers.replay.pace import PaceError
from helpers.services import state_of
from helpers.session.choice import Choice
from helpers.session.preparation import FOLDER, start_services
from helpers.smollm2 import process
from helpers.view import progress
from tests.smollm2 import fake

REPLAY = Choice("replay", "recordings", "local")


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


def test_a_session_serves_with_the_lag_that_the_environment_asks_for():
    for own, lag in (({}, 0.0), ({"TUTORIAL_LAG": "0.2"}, 0.2)):
        with contextlib.ExitStack() as opened:
            started = start_services(REPLAY, own, Keys(), opened)
            assert started and state_of(started[0]).langsmith.lag == lag


def test_a_wrong_lag_is_an_error_before_anything_starts():
    with contextlib.ExitStack() as opened, pytest.raises(TutorialError, match="TUTORIAL_LAG=1"):
        start_services(REPLAY, {"TUTORIAL_LAG": "soon"}, Keys(), opened)


def test_local_says_what_the_model_takes_while_it_starts(monkeypatch, tmp_path):
    fake.install(tmp_path, monkeypatch)
    shown, ticks = [], []

    @contextlib.contextmanager
    def noted(line):
        shown.append(line)
        yield lambda: ticks.append(1)

    monkeypatch.setattr(progress, "shown", noted)
    with contextlib.ExitStack() as first, contextlib.ExitStack() as second:
        for opened in (first, second):
            assert start_services(Choice("local", "smollm2", "local"), {}, Keys(), opened)
        assert "a process that takes some 250 MB" in shown[0] and ticks
        assert len(list(tmp_path.glob(f"{process.FOLDER}*"))) == 1  # one for both
    assert not list(tmp_path.glob(f"{process.FOLDER}*"))


def test_local_without_the_model_shows_nothing(monkeypatch):
    monkeypatch.setattr(smollm2, "available", lambda: False)
    monkeypatch.setattr(process, "available", lambda: False)
    monkeypatch.setattr(progress, "shown", lambda line: pytest.fail(line))
    with contextlib.ExitStack() as opened, pytest.raises(smollm2.NotInstalled):
        start_services(Choice("local", "smollm2", "local"), {}, Keys(), opened)
