"""What a session starts on this machine."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers.keys import Keys
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
