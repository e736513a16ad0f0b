"""One program of ours in a process of its own: started, waited for, watched and ended.

The proxy and SmolLM2 are run by it alike. The process has a group of its own, so that interrupting
a cell does not end it; it ends with the process that started it (see ``watchdog``); its output goes
to a file, since a pipe that nobody reads would stop it when full.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from helpers.errors import TutorialError
from helpers.processes import folders, notes, watchdog
from helpers.processes.interrupts import uninterrupted

__all__ = ["Child", "ChildError"]

T = TypeVar("T")

INTERVAL = 0.1  # seconds between two looks at a program that starts
LOG = "output.log"


class ChildError(TutorialError):
    """A program ended while it was starting, or was not ready in time."""


class Child:
    """The program ``target`` ("module:function"), running with ``environment``.

    ``folder`` is its own, below the temporary one, and begins with ``prefix``: what owners that
    were killed have left behind is found by that name, ended and dropped before this one starts.
    ``folder_variable`` names the variable by which the program is told its folder. ``name`` is what
    messages call it. One that is ``shared`` ends with the last process that uses it (``join``).
    """

    def __init__(
        self,
        target: str,
        *arguments: str,
        name: str,
        prefix: str,
        environment: Mapping[str, str],
        folder_variable: str | None = None,
        shared: bool = False,
    ) -> None:
        folders.reap(prefix)
        self.name = name
        folder = process = self._use = None
        try:
            # An interrupt in between would leave a folder or a program that nothing knows of.
            with uninterrupted():
                folder = folders.make(prefix)
                notes.note(folder)
                told = {folder_variable: str(folder)} if folder_variable else {}
                if shared:
                    self._use, told[watchdog.SHARED] = notes.enter(folder), str(folder)
                process = _begun(folder, target, arguments, {**environment, **told})
                notes.note(folder, process.pid)
        except BaseException as error:
            _abandon(folder, process)
            if isinstance(error, OSError):
                raise ChildError(
                    f"The {name} could not be started: {error}. It needs a folder in "
                    f"{tempfile.gettempdir()}; make room there, or point TMPDIR at another place."
                ) from error
            raise
        self.folder, self._process = folder, process

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def ended(self, *, within: float) -> bool:
        """Whether the process has ended, or does so within so many seconds."""
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def log_path(self) -> Path:
        """The file of what the program writes to a terminal; it stays when the program ends."""
        return self.folder / LOG

    def log(self) -> str:
        """Return what the program has written so far."""
        try:
            return self.log_path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def wait(
        self,
        ready: Callable[[], T | None],
        *,
        seconds: float,
        tick: Callable[[], None] = lambda: None,
    ) -> T:
        """Ask ``ready`` until it returns something else than None, and return that.

        ``tick`` is called between two questions. Raises ``ChildError`` when the program has ended
        or ``seconds`` have passed; the program is left as it is then.
        """
        deadline = time.monotonic() + seconds
        while True:
            if not self.running:
                raise ChildError(f"The {self.name} ended while it was starting.")
            if (found := ready()) is not None:
                return found
            if time.monotonic() >= deadline:
                raise ChildError(f"The {self.name} did not answer within {seconds:g} seconds.")
            tick()
            time.sleep(INTERVAL)

    def stop(self) -> None:
        """End the program and all that it started, and wait for that; twice does no harm.

        One that other processes use goes on for them.
        """
        if self._use is not None:
            self._use.unlink(missing_ok=True)
        if not self._used:
            self._end()

    def discard(self) -> None:
        """Stop, and drop the folder with the log."""
        self.stop()
        if not self._used:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _used(self) -> bool:
        return self._use is not None and notes.used(self.folder)

    def _end(self) -> None:
        if self.running:
            watchdog.end(self.pid)
        self._process.wait()


def _begun(
    folder: Path, target: str, arguments: tuple[str, ...], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    with open(folder / LOG, "wb", opener=notes.open_private) as log:
        return subprocess.Popen(
            watchdog.command(target, *arguments),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            **_own_group(),
        )


def _abandon(folder: Path | None, process: subprocess.Popen[bytes] | None) -> None:
    with uninterrupted():  # who interrupts twice leaves nothing either
        if process is not None:
            watchdog.end(process.pid)
            process.wait()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _own_group() -> dict[str, Any]:
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}
