"""Show a failure in a few lines, where IPython would show a hundred and thirty.

A provider's refusal comes up through LiteLLM, OpenAI's client and httpx, and is chained at each; a
wait that is interrupted, through threads and loops. What a learner needs is the line of the cell,
the service's own words, and what mends it; ``%tb`` shows the rest. So it is with a name that a
cell further up would have made. What else a learner's own code raises is shown as always.
"""

from __future__ import annotations

import asyncio
import linecache
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

from helpers import causes
from helpers.errors import TutorialError
from helpers.ipython import shell
from helpers.keys import mask
from helpers.session import earlier

__all__ = ["Failures", "told"]

CLIENTS = ("litellm", "openai", "langsmith", "httpx", "requests", "urllib3", "urllib", "http")
UNREACHED = ("ConnectionError", "ConnectError", "URLError", "RemoteDisconnected")
INTERRUPTS = (KeyboardInterrupt, asyncio.CancelledError)
KINDS: tuple[type[BaseException], ...] = (Exception, *INTERRUPTS)
LONGEST = 300  # characters of a message
WHOLE = "The whole traceback: %tb"
STOPPED = (
    "No session is running: run the lesson's first cell, which starts one, and then this again."
)
INTERRUPTED = "It stopped there and nothing else did: run the cell again when you want it."


def told(
    error: BaseException, environ: Mapping[str, str], *, cell: str = "", stopped: bool = False
) -> list[str] | None:
    """Return three lines at most about ``error``, or None where it is a learner's own.

    They are the kind and the words, the line of the cell, and what mends it with how to see all of
    it. ``cell`` is the source of the cell, ``stopped`` says that the session has ended.
    """
    root = type(error).__module__.partition(".")[0]
    if isinstance(error, TutorialError):
        return [f"{type(error).__name__}: {mask(str(error))}", WHOLE]
    where = _in_the_cell(error.__traceback__)
    if isinstance(error, INTERRUPTS):
        if _raised_in_the_cell(error.__traceback__):
            return None
        said, mend = "the cell was interrupted.", INTERRUPTED
    elif type(error) is NameError and error.name:
        if (maker := earlier.told(error.name, cell, environ)) is None:
            return None
        said, mend = str(error), maker
    elif root in CLIENTS:
        said = causes.one_line(_words(error), LONGEST)
        mend = STOPPED if stopped else _mend(error, root, environ)
    else:
        return None
    last = f"{mend} {WHOLE}" if mend else WHOLE
    return [f"{type(error).__name__}: {said}", *([where] if where else []), last]


def _words(error: BaseException) -> str:
    """Return what ``error`` says; of an answer's body the words, without what is around them."""
    body = getattr(error, "body", None)
    said = body.get("message") if isinstance(body, Mapping) else None
    return said if isinstance(said, str) and said else str(error)


def _mend(error: BaseException, root: str, environ: Mapping[str, str]) -> str:
    cause = _cause(error, root, environ)
    return cause.mend if cause else ""


def _cause(error: BaseException, root: str, environ: Mapping[str, str]) -> causes.Cause | None:
    if type(error).__name__.endswith(UNREACHED) or "Connection error" in str(error):
        return causes.of_connection(" ".join(map(str, _chain(error))))
    status = getattr(error, "status_code", None)
    status = status or getattr(getattr(error, "response", None), "status_code", None)
    if root == "langsmith":
        return causes.of_langsmith(*causes.refusal_in(str(error)), environ)
    if root in ("litellm", "openai") and isinstance(status, int):
        return causes.of_model(status, str(error), environ, route=_route(error))
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that it was raised from, or while they were handled."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _route(error: BaseException) -> str:
    """Return the path that was asked, which OpenAI's client has kept; LiteLLM makes up its own."""
    asked = (getattr(each, "request", None) for each in _chain(error) if _is_openais(each))
    return next((str(request.url.path) for request in asked if request is not None), "")


def _is_openais(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] == "openai"


def _in_the_cell(trace: TracebackType | None) -> str | None:
    """Return the line of the cell that the failure came up through."""
    for frame in traceback.extract_tb(trace):
        if "ipykernel" in frame.filename or frame.filename.startswith("<ipython-input"):
            text = linecache.getline(frame.filename, frame.lineno or 0).strip()
            return f"in line {frame.lineno} of the cell: {text}"
    return None


def _raised_in_the_cell(trace: TracebackType | None) -> bool:
    """Whether the last step of ``trace`` is in a cell, whose traceback is short by itself."""
    steps = traceback.extract_tb(trace)
    return not steps or "ipykernel" in steps[-1].filename


class Failures:
    """Has IPython show failures of clients short, from ``start`` on.

    After ``stop`` it says of them, too, that no session is running: a learner may have forgotten.
    """

    def __init__(self) -> None:
        self._shell: Any = None

    def start(self) -> None:
        """Begin, where there are cells and nobody else has taken this place."""
        self._take(_show)

    def stop(self) -> None:
        """Say from now on that the session has ended; twice does no harm."""
        if self._shell is not None:
            self._take(_show_stopped)
            self._shell = None

    def _take(self, show: Callable[..., list[str]]) -> None:
        running = shell()
        if running is not None and running.custom_exceptions in ((), KINDS):
            self._shell = running
            running.set_custom_exc(KINDS, show)


def _show(
    running: Any,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: int | None = None,
    *,
    stopped: bool = False,
) -> list[str]:
    """Show ``error`` short, or as IPython shows it where it is a learner's own."""
    sources = running.user_ns.get("In") or [""]
    lines = told(error, os.environ, cell=sources[-1], stopped=stopped)
    if lines is None:
        running.showtraceback((kind, error, trace), running_compiled_code=True)
        return []
    # What %tb shows; IPython sets it where nobody takes its place.
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
    running._showtraceback(kind, error, lines)
    return lines


def _show_stopped(*args: Any, **options: Any) -> list[str]:
    return _show(*args, **options, stopped=True)
