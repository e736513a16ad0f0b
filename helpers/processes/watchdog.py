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
import os
import pkgutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    import psutil

__all__ = ["SHARED", "command", "end", "main", "runs", "runs_for", "watch"]

INTERVAL = 0.5  # seconds between two looks at the owner
GRACE = 2.0  # seconds that the program has for an orderly end
SHARED = "TUTORIAL_SHARED_FOLDER"  # where those enter who use a program that several share


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


def runs_for(command: list[str], owner: int) -> bool:
    """Whether a command line is one that ``command`` has made in process ``owner``."""
    return command[1:4] == ["-P", __file__, str(owner)]


def runs(command: list[str], target: str) -> bool:
    """Whether a command line is one that ``command`` has made for ``target``, here as there."""
    return command[:3] == [sys.executable, "-P", __file__] and command[4:5] == [target]


def end(pid: int) -> None:
    """Terminate a process and its children, then kill what is left after two seconds."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return  # nothing is left of it but a status that its parent waits for
        _end([process, *process.children(recursive=True)])


def _end(family: list[psutil.Process]) -> None:
    import psutil

    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.terminate()
    for member in psutil.wait_procs(family, timeout=GRACE)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()


def _wait_and_end(owner: int) -> None:
    import psutil

    if shared := os.environ.pop(SHARED, ""):
        _wait_for_all(shared)
    else:
        _wait_for(owner)
    with contextlib.suppress(psutil.Error):
        _end(psutil.Process().children(recursive=True))
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)


def _wait_for_all(shared: str) -> None:
    # A program that is shared is one of ours, which finds our modules.
    from helpers.processes import notes

    while notes.used(Path(shared)):
        time.sleep(INTERVAL)


def _wait_for(owner: int) -> None:
    import psutil

    try:
        if sys.platform != "win32" and os.getppid() != owner:
            raise psutil.NoSuchProcess(owner)  # ended already; another may have its id by now
        # The object remembers when the owner was born, so a successor to its pid is not mistaken
        # for it. A killed process that nobody has waited for yet is still listed, as a zombie.
        process = psutil.Process(owner)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(INTERVAL)
    except psutil.NoSuchProcess:
        pass


if __name__ == "__main__":
    main(sys.argv[1:])
