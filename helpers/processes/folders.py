"""Folders in the temporary one that go with their process, however it ends.

Each is for its user alone (0700) and has the id of its process in its name, and in a note which
process that is. What a killed process has left is dropped when the next folder of that kind is
made, with the program that may still run there.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.errors import TutorialError
from helpers.processes import watchdog

if TYPE_CHECKING:
    import psutil

__all__ = ["identity", "make", "note", "open_private", "reap", "temporary"]

NOTE = "owner.json"
NOTE_BYTES = 4096  # far more than a note has
SAME_SECONDS = 2.0  # two readings of one time of birth may differ by their rounding


@contextlib.contextmanager
def temporary(prefix: str) -> Iterator[Path]:
    """Make a folder for the length of a ``with`` block, after dropping those of dead processes."""
    reap(prefix)
    folder = make(prefix)
    try:
        note(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make(prefix: str) -> Path:
    """Make a folder whose name begins with ``prefix`` and our process id.

    Raises ``TutorialError`` when there is no folder for temporary files.
    """
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=_place()))


def note(folder: Path, pid: int | None = None) -> None:
    """Leave a note in ``folder`` that it is ours, and which process we have started there."""
    told: dict[str, Any] = {"owner": identity(os.getpid())}
    if pid is not None:
        told["process"] = pid
    with open(folder / f"{NOTE}.part", "w", encoding="ascii", opener=open_private) as file:
        file.write(json.dumps(told))
    os.replace(folder / f"{NOTE}.part", folder / NOTE)  # in one step: others read it meanwhile


def open_private(path: str, flags: int) -> int:
    """Open a file that other users of the machine cannot read; an ``opener`` for ``open``."""
    return os.open(path, flags, 0o600)


def identity(pid: int) -> list[float]:
    """Return ``pid`` and when it was born, in seconds that no setting of the clock changes.

    They count from the start of the machine; on Windows from 1601, where the kernel keeps them as
    they were. -1 when the process is gone.
    """
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        return [pid, _born(psutil.Process(pid))]
    return [pid, -1.0]


def _place() -> Path:
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
    for folder in _place().glob(f"{prefix}*"):
        named = re.match(rf"{re.escape(prefix)}(\d+)-", folder.name)
        try:
            if named and _is_own(folder):
                _drop_if_left(folder, int(named[1]))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue


def _drop_if_left(folder: Path, named: int) -> None:
    told = _read_note(folder)
    # Killed before it could leave a note, it is known by the name of the folder.
    owner, born = told["owner"] if told else (named, None)
    if _lives(int(owner), born):
        return
    if told and "process" in told:
        _end_program(int(told["process"]), owner=int(owner))
    shutil.rmtree(folder, ignore_errors=True)


def _read_note(folder: Path) -> dict[str, Any] | None:
    path = folder / NOTE
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode) or status.st_size > NOTE_BYTES:
        raise ValueError("no note of ours")
    told = json.loads(path.read_text(encoding="ascii"))
    if not isinstance(told, dict):
        raise TypeError("no note of ours")
    return told


def _is_own(folder: Path) -> bool:
    """Whether it is a folder, not a link to one, and this user's."""
    status = folder.lstat()
    ours = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return ours and stat.S_ISDIR(status.st_mode)


def _lives(pid: int, born: float | None) -> bool:
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        # Another process may have the id by now.
        return born is None or abs(_born(process) - born) <= SAME_SECONDS
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True  # it is there, and not ours to look at


def _end_program(pid: int, *, owner: int) -> None:
    """End the program if it is one that ``owner`` has started: its id may be another's by now."""
    import psutil

    with contextlib.suppress(psutil.Error):
        if watchdog.runs_for(psutil.Process(pid).cmdline(), owner):
            watchdog.end(pid)


def _born(process: psutil.Process) -> float:
    import psutil

    since_1970 = process.create_time()
    # Elsewhere psutil adds the time of the machine's start, which moves when the clock is set.
    return since_1970 if sys.platform == "win32" else since_1970 - psutil.boot_time()
