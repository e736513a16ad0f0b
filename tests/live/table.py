"""The table of what came of the lessons that were run live, as it stands in the README.

``pytest tests/live/test_lessons.py --live --live-table`` writes the lessons that it ran there, and
``python -m tests.live.table`` counts the cells anew, which needs no run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpers.paths import ROOT
from helpers.testing.files import parse, text_of
from tests.live.running import LESSONS, compared

__all__ = ["HEAD", "PROVIDERS", "README", "Row", "drawn", "read", "recounted", "written"]

PROVIDERS = ("scripted", "sampled")
README = ROOT / "README.md"
HEAD = ("lesson", "calls", "tokens", "seconds", "cells compared", "cells not")
Row = tuple[str, int, int, int, int, int]


def drawn(rows: Iterable[Row]) -> str:
    """Return the table of one provider, with the sums beneath it."""
    found = sorted(rows)
    sums = ["all", *(sum(row[at] for row in found) for at in range(1, len(HEAD)))]
    lines = [HEAD, ["---"] * len(HEAD), *found, sums]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def read(text: str, provider: str) -> list[Row]:
    """Return the rows that ``text`` has between the markers of ``provider``."""
    rows = []
    for line in _block(text, provider)[2].splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if re.fullmatch(r"\d\d", cells[0]):
            numbers = [int(cell.replace(",", "")) for cell in cells[1:]]
            rows.append((cells[0], *numbers))
    return rows  # type: ignore[return-value]


def written(text: str, provider: str, rows: Iterable[Row]) -> str:
    """Return ``text`` with ``rows`` in the table of ``provider``; lessons not among them stay."""
    kept = {row[0]: row for row in [*read(text, provider), *rows]}
    before, begin, _, end, after = _block(text, provider)
    return f"{before}{begin}\n{drawn(kept.values())}\n{end}{after}"


def recounted(text: str, provider: str) -> str:
    """Return ``text`` with the cells of each lesson counted as the notebooks are now."""
    counts = {}
    for path in LESSONS:
        all_, same = compared(parse(text_of(path)))
        counts[path.name[:2]] = (same, all_ - same)
    rows = [(*row[:4], *counts[row[0]]) for row in read(text, provider)]
    return written(text, provider, rows)  # type: ignore[arg-type]


def _block(text: str, provider: str) -> tuple[str, str, str, str, str]:
    begin, end = f"<!-- live:{provider} -->", f"<!-- /live:{provider} -->"
    before, found, rest = text.partition(begin)
    inside, closed, after = rest.partition(end)
    assert found and closed, f"README.md has no table between {begin} and {end}"
    return before, begin, inside, end, after


if __name__ == "__main__":
    there = README.read_text("utf-8")
    for name in PROVIDERS:
        there = recounted(there, name)
    README.write_text(there, "utf-8")
