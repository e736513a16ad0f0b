"""The parts of a multipart body, some at a time, so that a large one never is in memory as a whole.

LangSmith's Python SDK closes a compressed batch when a thread of its own comes to it. In a program
that sends as fast as it can the thread comes late: ten thousand small runs were one batch, and
eight threads with runs of 1 MB made one of 33 MiB (langsmith 0.15, which ends at 1 GiB).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from helpers.langsmith_local.body import too_heavy
from helpers.langsmith_local.ingest.parts import Part, parts
from helpers.langsmith_local.state import Scattered
from helpers.serving.bounds import JSON_BYTES, PORTION_BYTES
from helpers.serving.weight import light, most, weight

__all__ = ["portions", "whole"]

_EVENTS = ("post.", "patch.")
_COPIES = 2  # of a text: as it came, and to store it
HEAVIEST = most(_COPIES)


def whole(body: bytes, content_type: str) -> Iterable[Part]:
    """Return all parts; 413 when they would take more than ``JSON_BYTES`` of memory."""
    # Most bodies are light beyond doubt, and their parts need no look.
    if light(body, JSON_BYTES, copies=_COPIES):
        return parts(body, content_type)
    held = _Held()
    for part in parts(body, content_type):
        held.add(part)
    return held.parts


def portions(given: Iterable[Part]) -> Iterator[list[Part]]:
    """Yield the parts, about ``PORTION_BYTES`` at a time, those of a run together.

    413 when a portion would take more than ``JSON_BYTES`` of memory; ``Scattered`` where the parts
    of a run stand so far apart that they are in two portions.
    """
    held, runs, done = _Held(), set[str](), set[str]()
    for part in given:
        run = _run(part)
        if held.size > PORTION_BYTES and run not in runs:
            full, held, runs = [held.parts], _Held(), set()
            yield full.pop()  # nothing here holds them meanwhile
        if run not in runs:
            if run in done:
                raise Scattered
            runs.add(run)
            done.add(run)
        held.add(part)
    full = [held.parts]
    del held
    if full[0]:
        yield full.pop()


def _run(part: Part) -> str:
    """Return what the names of a run's parts begin with; attachments and feedback stand alone."""
    name = part[0]
    return ".".join(name.split(".", 2)[:2]) if name.startswith(_EVENTS) else name


class _Held:
    """Parts that are in memory together: at most what ``JSON_BYTES`` allows, or 413."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.size = 0
        self._weight: int | None = None

    def add(self, part: Part) -> None:
        self.parts.append(part)
        self.size += len(part[2])
        if self._weight is not None:
            self._weight += _cost(part)
        elif self.size * HEAVIEST > JSON_BYTES:
            self._weight = sum(map(_cost, self.parts))
        if self._weight is not None and self._weight > JSON_BYTES:
            raise too_heavy()


def _cost(part: Part) -> int:
    name, _, content = part
    return len(content) if name.startswith("attachment.") else weight(content, copies=_COPIES)
