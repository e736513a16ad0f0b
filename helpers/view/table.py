"""Small tables, as text that lines up and as HTML: every table of a notebook is drawn here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from helpers.view.markup import escaped
from helpers.view.values import inline

__all__ = ["Table", "grid", "row", "table"]

GAP = "  "
STYLE = "padding:2px 12px 2px 0;vertical-align:top;text-align:"
# A number, as people write it, with what counts it: 12, 1,058, -0.5, $0.00002, 13.7 kB, 40 %
NUMBER = re.compile(r"[-+<]*\$?\d[\d,]*(\.\d+)?( ?(%|s|ms|kB|MB))?")


@dataclass(frozen=True, repr=False)
class Table:
    """Rows of text under ``columns``; shows itself as the result of a cell.

    A column of numbers stands at the right, as numbers are compared.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        ruled = [self.columns, tuple("─" * width for width in widths), *self.rows]
        sides = [str.rjust if numeric else str.ljust for numeric in self._numeric()]
        return "\n".join(
            GAP.join(
                put(cell, width) for put, cell, width in zip(sides, line, widths, strict=True)
            ).rstrip()
            for line in ruled
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        styles = [STYLE + ("right" if numeric else "left") for numeric in self._numeric()]
        head = row("th", map(escaped, self.columns), style=styles)
        body = "\n".join(row("td", map(escaped, cells), style=styles) for cells in self.rows)
        return f"<table><thead>{head}</thead>\n<tbody>{body}</tbody></table>"

    def _numeric(self) -> list[bool]:
        """Say of each column whether it holds numbers alone, and one at least."""
        return [
            any(cells) and all(NUMBER.fullmatch(cell) for cell in cells if cell)
            for cells in ([line[i] for line in self.rows] for i in range(len(self.columns)))
        ]


def table(rows: Iterable[Mapping[str, Any] | Sequence[Any]], columns: Sequence[str]) -> Table:
    """Return a table of ``rows``, each a sequence as long as ``columns`` or a mapping by column.

    What a mapping lacks, and None, stays empty. Raises ``ValueError`` for a row that is too long
    or too short.
    """
    names = tuple(columns)
    heads = tuple(inline(str(name)) for name in names)
    return Table(heads, tuple(_cells(row, names) for row in rows))


def _cells(row: Mapping[str, Any] | Sequence[Any], columns: tuple[str, ...]) -> tuple[str, ...]:
    values = [row.get(name) for name in columns] if isinstance(row, Mapping) else list(row)
    if len(values) != len(columns):
        raise ValueError(f"a row has {len(values)} cells for {len(columns)} columns: {values!r}")
    return tuple("" if value is None else inline(str(value)) for value in values)


def row(tag: str, cells: Iterable[str], *, style: str | Sequence[str]) -> str:
    """Return a row of an HTML table; ``tag`` is td or th, ``cells`` are HTML already.

    ``style`` is that of all cells, or a list with that of each.
    """
    told = list(cells)
    styles = [style] * len(told) if isinstance(style, str) else style
    drawn = (
        f'<{tag} style="{look}">{cell}</{tag}>' for look, cell in zip(styles, told, strict=True)
    )
    return f"<tr>{''.join(drawn)}</tr>"


def grid(rows: Iterable[str]) -> str:
    """Return the HTML ``rows`` as a table without heads, a line a row."""
    lines = "\n".join(rows)
    return f'<table style="border-collapse:collapse">\n{lines}\n</table>'
