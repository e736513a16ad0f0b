"""The table of what came of the lessons that were run live."""

from __future__ import annotations

from typing import Any

import pytest

HEAD = ("lesson", "provider", "calls", "tokens", "seconds", "cells compared", "cells of the model")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    rows = [
        value
        for kind in ("passed", "failed")
        for report in terminalreporter.stats.get(kind, [])
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == "live"
    ]
    if not rows:
        return
    terminalreporter.section("lessons live")
    write = terminalreporter.write_line
    write("| " + " | ".join(HEAD) + " |")
    for lesson, provider, calls, tokens, seconds, compared, model in sorted(map(tuple, rows)):
        shown = (lesson, provider, calls, f"{tokens:,}", f"{seconds:.0f}", compared, model)
        write(f"| {' | '.join(map(str, shown))} |")
    compared, model = (sum(row[at] for row in rows) for at in (5, 6))
    write(f"{100 * compared / (compared + model):.0f} % of the cells with output were compared.")
