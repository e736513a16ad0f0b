"""Small charts: numbers with a bar beside each, as text and as HTML.

The numbers stand in the chart, so that it reads in every theme, to a screen reader, on paper and
without styles; JupyterLab gives a picture no alternative text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.view import colours
from helpers.view.markup import escaped
from helpers.view.numbers import number
from helpers.view.table import GAP, STYLE, row
from helpers.view.values import inline

__all__ = ["Chart", "chart"]

BLOCKS = 20  # characters of the longest bar in text
PIXELS = 160  # of the longest bar in HTML


@dataclass(frozen=True, repr=False)
class Chart:
    """A line for each of ``labels``, with a number and a bar in each of ``series``."""

    head: str
    labels: tuple[str, ...]
    series: Mapping[str, tuple[float | None, ...]]
    most: float

    def __str__(self) -> str:
        columns = [_right([self.head, *self.labels])]
        for name, values in self.series.items():
            told = _right(["", *map(_told, values)])[1:]
            drawn = [f"{text} {'█' * round(BLOCKS * self._share(value))}".rstrip()
                     for text, value in zip(told, values, strict=True)]  # fmt: skip
            width = max(map(len, [name, *drawn]))
            columns.append([text.ljust(width) for text in (name, *drawn)])
        lines = list(zip(*columns, strict=True))
        ruled = [lines[0], tuple("─" * len(cell) for cell in lines[0]), *lines[1:]]
        return "\n".join(GAP.join(line).rstrip() for line in ruled)

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self.html()}

    def html(self) -> str:
        """Return the chart as an HTML table."""
        styles = [STYLE + "right", *[STYLE + "left"] * len(self.series)]
        head = row("th", map(escaped, (self.head, *self.series)), style=styles)
        lines = zip(self.labels, *self.series.values(), strict=True)
        body = "\n".join(
            row("td", [escaped(label), *map(self._cell, values)], style=styles)
            for label, *values in lines
        )
        return f"<table><thead>{head}</thead>\n<tbody>{body}</tbody></table>"

    def _cell(self, value: float | None) -> str:
        width = round(PIXELS * self._share(value))
        beside = "display:inline-block;margin-right:8px;min-width:32px;text-align:right"
        bar = f"display:inline-block;height:10px;width:{width}px;background-color:{colours.MODEL}"
        return f'<span style="{beside}">{_told(value)}</span><span style="{bar}"></span>'

    def _share(self, value: float | None) -> float:
        return min(max((value or 0) / self.most, 0), 1) if self.most > 0 else 0.0


def chart(
    series: Mapping[str, Mapping[Any, float]], *, by: str, most: float | None = None
) -> Chart:
    """Return a chart of ``series``, each a number for each label; ``by`` heads the labels.

    Bars are as long as their share of ``most``, by itself the largest number. A label that a
    series lacks has neither number nor bar.
    """
    labels = dict.fromkeys(label for values in series.values() for label in values)
    columns = {inline(name): tuple(map(values.get, labels)) for name, values in series.items()}
    largest = max((v for values in series.values() for v in values.values()), default=0.0)
    told = tuple(inline(str(label)) for label in labels)
    return Chart(inline(by), told, columns, largest if most is None else most)


def _told(value: float | None) -> str:
    return "" if value is None else number(value)


def _right(cells: list[str]) -> list[str]:
    return [cell.rjust(max(map(len, cells))) for cell in cells]
