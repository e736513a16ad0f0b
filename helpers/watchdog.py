"""Run a program in this process, and end it when the process that wanted it has ended.

    python -P watchdog.py <pid of the owner> <module:function> [argument ...]

A notebook's kernel can be killed with SIGKILL, so it cannot be left to the kernel to end what it
started. Here the started process watches its owner instead. It asks twice a second, which works
the same on Linux, macOS and Windows. A pipe whose end would tell is quicker, but stays open in any
process that the kernel has forked; ``PR_SET_PDEATHSIG`` is Linux alone, and fires when the thread
of the kernel that started the program ends.
"""

from __future__ import annotations

import os
import pkgutil
import signal
import sys
import threading
import time

import psutil

__all__ = ["command", "main", "watch"]

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


def main(arguments: list[str]) -> object:
    """Watch the owner and call the function, with ``sys.argv`` as its own command would have it."""
    owner, target, *rest = arguments
    watch(int(owner))
    sys.argv = [target.partition(":")[0], *rest]
    return pkgutil.resolve_name(target)()


def _wait_and_end(owner: int) -> None:
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
    sys.exit(main(sys.argv[1:]))
