"""A program of ours that serves: in a process of its own, with an address and a key."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from helpers.errors import TutorialError
from helpers.keys import Keys
from helpers.paths import ROOT
from helpers.processes.child import Child, ChildError
from helpers.processes.interrupts import uninterrupted
from helpers.processes.joined import Joined, join

__all__ = ["Served", "start_serving", "tell_address"]

ADDRESS = "address"  # the file in the program's folder which says where it answers
LAST_WORDS = 3  # lines of its log


class Served:
    """The program: ``url`` is its address and ``key`` the key that it asks for."""

    def __init__(self, child: Child, url: str, key: str) -> None:
        self.child, self.url, self.key = child, url, key

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.child.running

    def ended(self, *, within: float) -> bool:
        """Whether the process has ended, or does so within so many seconds."""
        return self.child.ended(within=within)

    def stop(self) -> None:
        """End the process and drop its folder, if no other uses it; twice does no harm."""
        self.child.discard()


def start_serving(
    target: str,
    *arguments: str,
    name: str,
    prefix: str,
    environment: Mapping[str, str],
    folder_variable: str,
    key_variable: str,
    seconds: float,
    imports: Sequence[Path] = (),
    tick: Callable[[], None] = lambda: None,
    shared: bool = False,
) -> Served:
    """Start the program ``target`` ("module:function"), and return when it answers.

    It is told its folder and its key by the two variables, and calls ``tell_address``. ``seconds``
    is how long it may take, ``imports`` are folders beside ours that it imports from, ``tick`` is
    called while it starts. One that is ``shared`` is started once for all processes of this user
    that ask for it, and ends with the last of them. The rest is as for ``Child``. Raises
    ``TutorialError`` with the program's last words when it does not come up.
    """
    if shared and (served := _joined(target, name, prefix, key_variable, seconds, tick)):
        return served
    key, child = Keys().model, None
    paths = [str(ROOT), *map(str, imports), *filter(None, [environment.get("PYTHONPATH")])]
    told = {"PYTHONPATH": os.pathsep.join(paths), key_variable: key}
    try:
        with uninterrupted():  # between two lines, too, the child must have its name
            child = Child(
                target,
                *arguments,
                name=name,
                prefix=prefix,
                environment={**environment, **told},
                folder_variable=folder_variable,
                shared=shared,
            )
        url = child.wait(lambda: _address(child), seconds=seconds, tick=tick)
        return Served(child, url, key)
    except BaseException as error:  # an interrupted cell leaves no half-started program
        if child is None:
            raise
        said = child.log().strip().splitlines()[-LAST_WORDS:]
        child.discard()
        if isinstance(error, ChildError):
            words = " / ".join(said) or "none"
            raise TutorialError(f"{name} did not start. Its last words: {words}") from error
        raise


def _joined(
    target: str,
    name: str,
    prefix: str,
    key_variable: str,
    seconds: float,
    tick: Callable[[], None],
) -> Served | None:
    """Return the program that another process has started, once it answers; None without one."""
    joined: Joined | None = None
    try:
        with uninterrupted():
            joined = join(target, prefix=prefix, name=name)
        key = joined.variable(key_variable) if joined else None
        if joined and key:
            url = joined.wait(lambda: _address(joined), seconds=seconds, tick=tick)
            return Served(joined, url, key)
    except ChildError:  # it ended meanwhile: another is started
        pass
    except BaseException:
        if joined:
            joined.discard()
        raise
    if joined:
        joined.discard()
    return None


def tell_address(folder: Path, url: str) -> None:
    """Say from within the program that it answers at ``url``."""
    (folder / "address.part").write_text(url, encoding="ascii")
    os.replace(folder / "address.part", folder / ADDRESS)  # in one step: it is read meanwhile


def _address(child: Child) -> str | None:
    with contextlib.suppress(OSError):
        return (child.folder / ADDRESS).read_text(encoding="ascii")
    return None
