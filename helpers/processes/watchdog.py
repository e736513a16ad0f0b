"""Run a program in this process, and end it when the process that wanted it has ended.

    python -P watchdog.py <pid of the owner> <module:function> [argument ...]

A notebook's kernel can be killed with SIGKILL, so it cannot be left to the kernel to end what it
started. Here the started process watches its owner instead. It asks twice a second, which works
the same on Linux, macOS and Windows. A pipe whose end would tell is quicker, but stays open in any
process that the kernel has forked; ``PR_SET_PDEATHSIG`` is Linux alone, and fires when the thread
of the kernel that started the program ends.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pkgutil
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import psutil

__all__ = ["command", "end", "identity", "living", "main", "note_owner", "reap", "watch"]

INTERVAL = 0.5  # seconds between two looks at the owner
GRACE = 2.0  # seconds that the program has for an orderly end


def command(target: str, *arguments: str) -> list[str]:
    """Return the command that runs ``target`` ("module:function") for as long as we live.

    ``-P`` keeps the folder of this file, and the working one, out of the program's imports.
    """
    return [sys.executable, "-P", __file__, str(os.getpid()), target, *arguments]


def watch(owner: int) -> threading.Thread:
    """Start a thread that ends this process when process ``owner`` has ended."""
    thread = threading.Thread(target=_wait_and_end, args=(owner,), name="watchdog", daemon=True)
    thread.start()
    return thread


def main(arguments: list[str]) -> NoReturn:
    """Watch the owner, call the function with ``sys.argv`` as its own command has it, and end.

    Never returns: what the function returns is the exit status, as of an entry point.
    """
    owner, target, *rest = arguments
    watch(int(owner))
    # Nearly all that a program imports stays: looking for garbage a hundred times less starts a
    # LiteLLM proxy a second sooner.
    gc.set_threshold(100_000, 50, 100)
    sys.argv = [target.partition(":")[0], *rest]
    sys.exit(pkgutil.resolve_name(target)())


def note_owner(folder: Path, pid: int) -> None:
    """Leave a note in ``folder`` of which process we have started, for ``reap``."""
    note = {"process": identity(pid), "owner": identity(os.getpid())}
    (folder / "owner.json").write_text(json.dumps(note), encoding="utf-8")


def identity(pid: int) -> list[float]:
    """Return ``pid`` and when it was born, in seconds since 1970 (-1 when it is gone)."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        return [pid, psutil.Process(pid).create_time()]
    return [pid, -1.0]


def reap(prefix: str) -> None:
    """End what dead owners have left and drop their folders, so that a port is free at once.

    The folders are those in the temporary one whose name starts with ``prefix``.
    """
    import psutil

    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        try:
            if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
                continue
            note = json.loads((folder / "owner.json").read_text(encoding="utf-8"))
            owner, created = note["owner"]
            if living(int(owner), created) is None:
                pid, born = note["process"]
                end(int(pid), born)
                shutil.rmtree(folder, ignore_errors=True)
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            continue


def living(pid: int, created: float | None = None) -> psutil.Process | None:
    """Return the living process ``pid``, or None; ``created`` (if given) tells it from a later one.

    The clock may be set between two readings of a time of birth, hence the minute.
    """
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        if created is not None and abs(process.create_time() - created) > 60:
            return None
    except psutil.NoSuchProcess:
        return None
    return process


def end(pid: int, created: float | None = None) -> None:
    """Terminate a process and its children, then kill what is left after two seconds."""
    import psutil

    process = living(pid, created)
    if process is None:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.terminate()
        for member in psutil.wait_procs(family, timeout=2)[1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()


def _wait_and_end(owner: int) -> None:
    import psutil

    try:
        # The object remembers when the owner was born, so a successor to its pid is not mistaken
        # for it. A killed process that nobody has waited for yet is still listed, as a zombie.
        process = psutil.Process(owner)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(INTERVAL)
    except psutil.NoSuchProcess:
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
