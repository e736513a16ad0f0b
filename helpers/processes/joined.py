"""A program that another process of this user has started, and that this one uses too."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.processes import folders, notes, watchdog
from helpers.processes.child import Child

if TYPE_CHECKING:
    import psutil

__all__ = ["Joined", "join"]


class Joined(Child):
    """The program in ``folder``, which ends with the last process that uses it."""

    def __init__(self, folder: Path, process: psutil.Process, name: str) -> None:
        self.name, self.folder, self._other = name, folder, process
        self._use = notes.enter(folder)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return int(self._other.pid)

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        import psutil

        with contextlib.suppress(psutil.Error):
            return self._other.is_running() and self._other.status() != psutil.STATUS_ZOMBIE
        return False

    def ended(self, *, within: float) -> bool:
        """Whether the process has ended, or does so within so many seconds."""
        import psutil

        with contextlib.suppress(psutil.Error):
            self._other.wait(within)
        return not self.running

    def variable(self, name: str) -> str | None:
        """Return a variable that the program was started with, so that no file need hold it.

        A system shows the variables of a process to its own user alone. None where it does not.
        """
        import psutil

        with contextlib.suppress(psutil.Error):
            return self._other.environ().get(name)
        return None

    def _end(self) -> None:
        watchdog.end(self.pid)


def join(target: str, *, prefix: str, name: str) -> Joined | None:
    """Use the program ``target`` that runs in a folder of this user which begins with ``prefix``.

    None where there is none that is shared and run by this Python from these files. Raises
    ``TutorialError`` when there is no folder for temporary files.
    """
    import psutil

    for folder in folders.place().glob(f"{prefix}*"):
        with contextlib.suppress(psutil.Error, OSError):
            if not notes.used(folder) or (pid := notes.process_of(folder)) is None:
                continue
            process = psutil.Process(pid)
            if not watchdog.runs(process.cmdline(), target):
                continue
            joined = Joined(folder, process, name)
            if joined.running:
                return joined
            joined.discard()
    return None
