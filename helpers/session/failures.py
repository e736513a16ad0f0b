"""Show a failure of a client in a few lines, where IPython would show a hundred and thirty.

A provider's refusal comes up through LiteLLM, OpenAI's client and httpx, and is chained at each.
What a learner needs is the line of the cell, the service's own words, and what mends it; ``%tb``
shows the rest. What a learner's own code raises is shown as always.
"""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from helpers import causes
from helpers.errors import TutorialError
from helpers.ipython import shell
from helpers.keys import mask

__all__ = ["Failures", "told"]

CLIENTS = ("litellm", "openai", "langsmith", "httpx", "requests", "urllib3")
LONGEST = 300  # characters of a message
WHOLE = "The whole traceback: %tb"


def told(error: BaseException, environ: Mapping[str, str]) -> list[str] | None:
    """Return a few lines about ``error``, or None where it is no failure of a client.

    They are the kind and the words, the line of the cell, the cause with what mends it, and how to
    see all of it.
    """
    root = type(error).__module__.partition(".")[0]
    if isinstance(error, TutorialError):
        return [f"{type(error).__name__}: {mask(str(error))}", WHOLE]
    if root not in CLIENTS:
        return None
    lines = [f"{type(error).__name__}: {causes.one_line(str(error), LONGEST)}"]
    if where := _in_the_cell(error.__traceback__):
        lines.append(where)
    if cause := _cause(error, root, environ):
        lines.append(cause.mend)
    return [*lines, WHOLE]


def _cause(error: BaseException, root: str, environ: Mapping[str, str]) -> causes.Cause | None:
    if "ConnectionError" in type(error).__name__ or "Connection error" in str(error):
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


class Failures:
    """Has IPython show failures of clients short, from ``start`` to ``stop``."""

    def __init__(self) -> None:
        self._shell: Any = None

    def start(self) -> None:
        """Begin, where there are cells and nobody else has taken this place."""
        running = shell()
        if running is not None and not running.custom_exceptions:
            self._shell = running
            running.set_custom_exc((Exception,), _show)

    def stop(self) -> None:
        """End; twice does no harm."""
        running, self._shell = self._shell, None
        if running is not None:
            running.set_custom_exc((), None)


def _show(
    running: Any,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> list[str]:
    """Show ``error`` short, or as IPython shows it where it is none of a client."""
    lines = told(error, os.environ)
    if lines is None:
        running.showtraceback((kind, error, trace), running_compiled_code=True)
        return []
    # What %tb shows; IPython sets it where nobody takes its place.
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
    running._showtraceback(kind, error, lines)
    return lines
