"""What a learner is told about an attempt, in a terminal and under a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from helpers.view.colours import MARKS
from helpers.view.markup import marked

__all__ = ["Note", "Verdict"]

WORDS = {"untried": "not tried yet", "wrong": "not yet", "right": "right"}
COLOURS = {"untried": MARKS["info"], "wrong": MARKS["warning"], "right": MARKS["ok"]}


@dataclass(frozen=True, repr=False)
class Verdict:
    """``outcome`` of an attempt at the exercise ``name``, and ``lines`` that say more.

    It is true when the attempt was right.
    """

    name: str
    outcome: Literal["untried", "wrong", "right"]
    lines: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.outcome == "right"

    def __repr__(self) -> str:
        return "\n".join([f"{self.name}: {WORDS[self.outcome]}", *self.lines])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": _box(repr(self), COLOURS[self.outcome])}


@dataclass(frozen=True, repr=False)
class Note:
    """A hint or a solution: text that is shown as it is."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": _box(self.text, MARKS["info"])}


def _box(text: str, colour: str) -> str:
    """Return a text as HTML with its first line in bold; a colour is never all that tells."""
    first, *rest = text.split("\n")
    lines = "".join(f"<div>{_line(line)}</div>" for line in rest)
    return (
        f'<div style="border-left:4px solid {colour};padding:2px 0 2px 10px">'
        f"<div><b>{marked(first)}</b></div>{lines}</div>"
    )


def _line(line: str) -> str:
    return f'<span style="white-space:pre-wrap">{marked(line) or "&nbsp;"}</span>'
