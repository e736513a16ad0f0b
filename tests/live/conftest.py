"""The table of what came of the lessons that were run live, beneath the tests and in the README."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from tests.live.running import LEAST
from tests.live.table import PROVIDERS, README, Row, drawn, written


@pytest.fixture(scope="module")
def asked_for(request: pytest.FixtureRequest) -> None:
    """What takes minutes runs where ``--live`` asks for it."""
    if not request.config.getoption("--live"):
        pytest.skip("it was not asked for by --live")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    found: dict[str, list[Row]] = defaultdict(list)
    for kind in ("passed", "failed"):
        for report in terminalreporter.stats.get(kind, []):
            for name, (provider, *row) in getattr(report, "user_properties", []):
                if name == "live":
                    found[provider].append(tuple(row))
    for provider, rows in found.items():
        terminalreporter.section(f"lessons live: {provider}")
        terminalreporter.write_line(drawn(rows))
        same, model = (sum(row[at] for row in rows) for at in (4, 5))
        share = 100 * same / (same + model)
        terminalreporter.write_line(
            f"{share:.0f} % of the cells with output were compared; {LEAST} % have to be."
        )
        if config.getoption("--live-table") and provider in PROVIDERS:
            text = README.read_text("utf-8")
            README.write_text(written(text, provider, rows), "utf-8")
