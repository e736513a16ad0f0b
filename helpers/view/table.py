"""A small table, as text that lines up and as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

__all__ = ["Table", "table"]

GAP = "  "
CELL = "padding:2px 12px 2px 0;vertical-align:top"


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
        head = _row("th", self.columns)
        body = "\n".join(_row("td", row) for row in self.rows)
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


def _row(tag: str, cells: Iterable[str]) -> str:
    inner = "".join(
        f'<{tag} style="{CELL};text-align:left">{escape(cell)}</{tag}>' for cell in cells
    )
    return f"<tr>{inner}</tr>"
