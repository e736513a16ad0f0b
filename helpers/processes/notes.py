"""Notes in a program's folder: which process it is of, what runs there, and who uses that.

A process is known by its id and by when it was born, so that a later one with the same id is not
taken for it.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psutil

__all__ = ["NOTE", "USERS", "enter", "identity", "is_own", "lives", "note", "open_private"]
__all__ += ["process_of", "read", "used"]

NOTE = "owner.json"
USERS = "users"  # in the folder of a program that several processes share: a note of each
NOTE_BYTES = 4096  # far more than a note has
SAME_SECONDS = 2.0  # two readings of one time of birth may differ by their rounding


def note(folder: Path, pid: int | None = None) -> None:
    """Leave a note in ``folder`` that it is ours, and which process we have started there."""
    told: dict[str, Any] = {"owner": identity(os.getpid())}
    if pid is not None:
        told["process"] = pid
    _write(folder / NOTE, told)


def enter(folder: Path) -> Path:
    """Note that this process uses the program of ``folder`` too, until the note is deleted."""
    users = folder / USERS
    users.mkdir(mode=0o700, exist_ok=True)
    path = users / f"{os.getpid()}-{secrets.token_hex(4)}"
    _write(path, {"owner": identity(os.getpid())})
    return path


def _write(path: Path, told: Mapping[str, Any]) -> None:
    with open(f"{path}.part", "w", encoding="ascii", opener=open_private) as file:
        file.write(json.dumps(told))
    os.replace(f"{path}.part", path)  # in one step: others read it meanwhile


def used(folder: Path) -> bool:
    """Whether a process lives that has entered ``folder``."""
    for path in (folder / USERS).glob("*-????????"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            told = read(path)
            if told and lives(int(told["owner"][0]), told["owner"][1]):
                return True
    return False


def process_of(folder: Path) -> int | None:
    """Return the id of the process that was started in ``folder``, if it says so."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if is_own(folder) and (told := read(folder / NOTE)):
            return int(told["process"])
    return None


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


def read(path: Path) -> dict[str, Any] | None:
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


def is_own(folder: Path) -> bool:
    """Whether it is a folder, not a link to one, and this user's."""
    status = folder.lstat()
    ours = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return ours and stat.S_ISDIR(status.st_mode)


def lives(pid: int, born: float | None) -> bool:
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


def _born(process: psutil.Process) -> float:
    import psutil

    since_1970 = process.create_time()
    # Elsewhere psutil adds the time of the machine's start, which moves when the clock is set.
    return since_1970 if sys.platform == "win32" else since_1970 - psutil.boot_time()
