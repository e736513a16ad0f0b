"""Small tables, as text that lines up and as HTML: every table of a notebook is drawn here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

__all__ = ["Table", "grid", "row", "table"]

GAP = "  "
STYLE = "padding:2px 12px 2px 0;vertical-align:top;text-align:left"


@dataclass(frozen=True, repr=False)
class Table:
    """Rows of text under ``columns``; shows itself as the result of a cell."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        ruled = [self.columns, tuple("─" * width for width in widths), *self.rows]
        return "\n".join(
            GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in ruled
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = row("th", map(escape, self.columns), style=STYLE)
        body = "\n".join(row("td", map(escape, cells), style=STYLE) for cells in self.rows)
        return f"<table><thead>{head}</thead>\n<tbody>{body}</tbody></table>"


def table(rows: Iterable[Mapping[str, Any] | Sequence[Any]], columns: Sequence[str]) -> Table:
    """Return a table of ``rows``, each a sequence as long as ``columns`` or a mapping by column.

    What a mapping lacks, and None, stays empty. Raises ``ValueError`` for a row that is too long
    or too short.
    """
    names = tuple(columns)
    return Table(names, tuple(_cells(row, names) for row in rows))


def _cells(row: Mapping[str, Any] | Sequence[Any], columns: tuple[str, ...]) -> tuple[str, ...]:
    values = [row.get(name) for name in columns] if isinstance(row, Mapping) else list(row)
    if len(values) != len(columns):
        raise ValueError(f"a row has {len(values)} cells for {len(columns)} columns: {values!r}")
    return tuple("" if value is None else " ".join(str(value).split()) for value in values)


def row(tag: str, cells: Iterable[str], *, style: str) -> str:
    """Return a row of an HTML table; ``tag`` is td or th, ``cells`` are HTML already."""
    start, end = f'<{tag} style="{style}">', f"</{tag}>"
    return f"<tr>{''.join(start + cell + end for cell in cells)}</tr>"


def grid(rows: Iterable[str]) -> str:
    """Return the HTML ``rows`` as a table without heads, a line a row."""
    lines = "\n".join(rows)
    return f'<table style="border-collapse:collapse">\n{lines}\n</table>'
