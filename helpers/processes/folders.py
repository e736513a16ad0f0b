"""Folders in the temporary one that go with their process, however it ends.

Each is for its user alone (0700) and has the id of its process in its name, and in a note which
process that is. What a killed process has left is dropped when the next folder of that kind is
made, with the program that may still run there.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from helpers.errors import TutorialError
from helpers.processes import notes, watchdog

__all__ = ["make", "place", "reap", "temporary"]


@contextlib.contextmanager
def temporary(prefix: str) -> Iterator[Path]:
    """Make a folder for the length of a ``with`` block, after dropping those of dead processes."""
    reap(prefix)
    folder = make(prefix)
    try:
        notes.note(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make(prefix: str) -> Path:
    """Make a folder whose name begins with ``prefix`` and our process id.

    Raises ``TutorialError`` when there is no folder for temporary files.
    """
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=place()))


def place() -> Path:
    """Return the folder for temporary files; raise ``TutorialError`` when there is none."""
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError as error:  # tried: TMPDIR, /tmp and others, the working folder
        raise TutorialError(
            "No folder for temporary files can be written here. Make room on the disk or set "
            "TMPDIR to a folder in which you may write, and run the first cell again."
        ) from error


def reap(prefix: str) -> None:
    """Drop what dead processes have left, and end what they started, so that a port is free.

    The folders are those in the temporary one that begin with ``prefix`` and a process id, and
    belong to this user. A folder that cannot be judged stays.
    """
    for folder in place().glob(f"{prefix}*"):
        named = re.match(rf"{re.escape(prefix)}(\d+)-", folder.name)
        try:
            if named and notes.is_own(folder):
                _drop_if_left(folder, int(named[1]))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue


def _drop_if_left(folder: Path, named: int) -> None:
    told = notes.read(folder / notes.NOTE)
    # Killed before it could leave a note, it is known by the name of the folder.
    owner, born = told["owner"] if told else (named, None)
    if notes.lives(int(owner), born) or notes.used(folder):
        return
    if told and "process" in told:
        _end_program(int(told["process"]), owner=int(owner))
    shutil.rmtree(folder, ignore_errors=True)


def _end_program(pid: int, *, owner: int) -> None:
    """End the program if it is one that ``owner`` has started: its id may be another's by now."""
    import psutil

    with contextlib.suppress(psutil.Error):
        if watchdog.runs_for(psutil.Process(pid).cmdline(), owner):
            watchdog.end(pid)
