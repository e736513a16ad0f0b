"""What the doctor found, as records that print as text and as a table."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from helpers.keys import is_ours, mask
from helpers.view import colours
from helpers.view.table import grid, row

__all__ = ["CELL", "NOT_SET", "Check", "Report", "Shown", "Status"]
__all__ += ["address", "lines", "masked", "plain"]

Status = Literal["ok", "info", "warning", "problem"]

NOT_SET = "not set"
MARKS = {"ok": "✓", "info": "·", "warning": "!", "problem": "✗"}
CELL = f"text-align:left;vertical-align:top;padding:2px 8px;border-bottom:1px solid {colours.LINE}"
SIGN = (
    "display:inline-block;width:20px;text-align:center;border-radius:3px;"
    f"color:{colours.ON_MARK};background-color:"
)


@dataclass(frozen=True)
class Check:
    """One line of the report.

    ``status`` is ``ok``, ``info``, ``warning`` or ``problem``; ``mend`` says what to do about the
    latter two.
    """

    name: str
    status: Status
    detail: str
    mend: str = ""

    def __str__(self) -> str:
        mend = f"\n    → {self.mend}" if self.mend else ""
        return f"{MARKS[self.status]} {self.name}: {self.detail}{mend}"

    def row(self) -> str:
        """Return the check as one line of HTML, a table row."""
        mark, colour = MARKS[self.status], colours.MARKS[self.status]
        mend = f"<br>→ <b>{html.escape(self.mend)}</b>" if self.mend else ""
        cells = (
            f'<b style="{SIGN}{colour}">{mark}</b>',
            html.escape(self.name),
            f"{html.escape(self.detail)}{mend}",
        )
        return row("td", cells, style=CELL)


class Shown:
    """Something with a text and a table: both go into a notebook's output."""

    def html(self) -> str:
        """Return HTML with inline styles only, which an untrusted notebook keeps."""
        raise NotImplementedError

    def text(self) -> str:
        """Return the text that a stored output holds: the same on every healthy machine."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, str]:
        return {"text/plain": self.text(), "text/html": self.html()}


@dataclass(frozen=True, repr=False)
class Report(Shown):
    """The checks, then the layers' view if it was asked for (``helpers.doctor.layering.Layers``).

    ``machine`` names the platform; it is printed in a terminal and stays out of notebooks.
    """

    checks: tuple[Check, ...]
    layers: Shown | None = None
    machine: str = ""

    @property
    def healthy(self) -> bool:
        """False when anything is red."""
        return not self.problems

    @property
    def problems(self) -> tuple[Check, ...]:
        """What is red."""
        return tuple(check for check in self.checks if check.status == "problem")

    @property
    def summary(self) -> str:
        """One sentence: whether one can start."""
        names = ", ".join(dict.fromkeys(check.name for check in self.problems))
        return f"To mend first: {names}." if names else "Nothing is red."

    def text(self) -> str:
        tail = [] if self.layers is None else ["", self.layers.text()]
        return "\n".join([*map(str, self._above()), *tail, "", self.summary]).lstrip("\n")

    def html(self) -> str:
        tail = "" if self.layers is None else self.layers.html()
        return f"{lines(self._above())}\n{tail}\n<p><b>{html.escape(self.summary)}</b></p>"

    def _above(self) -> list[Check]:
        """Return the checks that the layers' table does not print itself."""
        return [check for check in self.checks if check not in getattr(self.layers, "findings", ())]

    def __str__(self) -> str:
        return f"{self.machine}\n{self.text()}" if self.machine else self.text()


def lines(checks: Sequence[Check]) -> str:
    """Return ``checks`` as an HTML table with a line a row."""
    return grid(check.row() for check in checks)


def masked(value: str | None) -> str:
    """Say whether a key is there; at most its last two characters are shown."""
    value = (value or "").strip()
    if not value:
        return NOT_SET
    if is_ours(value):
        return "made for this session"
    return f"set (…{value[-2:]})" if len(value) >= 16 else "set"


def plain(value: object) -> str:
    """Return a setting as text, ``not set`` when it is missing or blank, without keys."""
    text = "" if value is None else str(value).strip()
    return mask(text) or NOT_SET


def address(url: str | None) -> str:
    """Return a URL without a user, a password, a query and a last slash."""
    text = (url or "").strip()
    parts = urlsplit(text)
    if not (parts.username or parts.query or parts.fragment):
        return plain(text.rstrip("/"))
    return plain(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}")
