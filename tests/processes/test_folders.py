"""Folders that go with their process, and what is left of those that were killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from helpers.paths import ROOT
from helpers.processes import folders, notes, watchdog

PREFIX = "tests-"
DEAD = 2**22 + 1  # above the largest process id of Linux and macOS
KILLED = """
import os, signal
from helpers.processes import folders
with folders.temporary("tests-") as folder:
    (folder / "traces").write_text("private")
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.fixture
def program() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts a program that waits, as the owner of the given id would have."""
    started = []

    def start(owner: int) -> subprocess.Popen[bytes]:
        # It is not watched: a watchdog would find its owner gone and end it by itself.
        source = f"import sys; sys.argv; input()  # {owner}"
        started.append(subprocess.Popen([sys.executable, "-c", source], stdin=subprocess.PIPE))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()
        one.stdin.close()


def left(folder: Path, note: object = None, name: str = f"{PREFIX}{DEAD}-left") -> Path:
    """Make what a dead owner could have left."""
    made = folder / name
    made.mkdir()
    if note is not None:
        (made / notes.NOTE).write_text(json.dumps(note))
    return made


def test_a_folder_is_private_and_goes_with_its_block(tmp_path):
    with folders.temporary(PREFIX) as folder:
        assert folder.parent == tmp_path and folder.name.startswith(f"{PREFIX}{os.getpid()}-")
        if os.name != "nt":
            assert (folder.stat().st_mode & 0o777, note_mode(folder)) == (0o700, 0o600)
    assert list(tmp_path.iterdir()) == []


def note_mode(folder: Path) -> int:
    return (folder / notes.NOTE).stat().st_mode & 0o777


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on Windows")
def test_what_a_killed_process_left_is_dropped_by_the_next(tmp_path):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=ROOT, capture_output=True, text=True
    )
    assert Path(killed.stdout.strip()).is_dir()
    with folders.temporary(PREFIX) as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_a_folder_without_a_note_is_known_by_its_name(tmp_path):
    gone, ours = left(tmp_path), left(tmp_path, name=f"{PREFIX}{os.getpid()}-new")
    folders.reap(PREFIX)
    assert (gone.exists(), ours.exists()) == (False, True)


def test_what_a_living_owner_has_is_left_alone(tmp_path):
    made = folders.make(PREFIX)
    notes.note(made, os.getpid())
    folders.reap(PREFIX)
    assert made.exists()


def test_the_program_of_a_dead_owner_is_ended(tmp_path, program, monkeypatch):
    process = program(DEAD)
    monkeypatch.setattr(watchdog, "runs_for", lambda command, owner: str(owner) in command[-1])
    folder = left(tmp_path, {"owner": [DEAD, 1.0], "process": process.pid})
    folders.reap(PREFIX)
    assert process.wait(10) is not None and not folder.exists()


def test_another_program_that_has_its_id_by_now_goes_on(tmp_path, program):
    process = program(DEAD)
    folder = left(tmp_path, {"owner": [DEAD, 1.0], "process": process.pid})
    folders.reap(PREFIX)
    assert process.poll() is None and not folder.exists()


def test_an_owner_whose_id_another_has_by_now_is_dead(tmp_path):
    folder = left(tmp_path, {"owner": [os.getpid(), notes.identity(os.getpid())[1] - 60]})
    folders.reap(PREFIX)
    assert not folder.exists()


@pytest.mark.parametrize("jump", [-86_400, 86_400])
@pytest.mark.skipif(sys.platform == "win32", reason="birth is counted otherwise there")
def test_a_clock_that_is_set_kills_nobody(tmp_path, monkeypatch, jump):
    made = folders.make(PREFIX)
    notes.note(made)
    system = sys.modules[psutil.Process()._proc.__module__]
    booted, now = psutil.boot_time(), time.time
    monkeypatch.setattr(system, "boot_time", lambda: booted + jump)
    monkeypatch.setattr(time, "time", lambda: now() + jump)
    assert psutil.boot_time() == booted + jump
    folders.reap(PREFIX)
    assert made.exists()


def test_the_identity_of_a_process_that_is_gone_is_nobodys(program):
    process = program(DEAD)
    process.kill()
    process.wait()
    assert notes.identity(process.pid) == [process.pid, -1.0]


def test_a_note_is_read_in_one_piece(tmp_path):
    made = folders.make(PREFIX)
    notes.note(made, 5)
    assert [path.name for path in made.iterdir()] == [notes.NOTE]
    told = json.loads((made / notes.NOTE).read_text())
    assert told == {"owner": notes.identity(os.getpid()), "process": 5}
