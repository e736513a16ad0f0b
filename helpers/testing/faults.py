"""A pytest plugin: the table of faults, each a thing that is broken and what must hold then.

Every test in ``tests/faults/`` is a row: it carries the mark that ``fault`` or ``case`` gives it.
``python -m pytest tests/faults --fault-table`` prints the rows with what became of each.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

__all__ = ["area", "case", "fault", "summary"]

MARK = "fault"
FOLDER = "faults"
_SAID = {"passed": "held", "failed": "FELL", "skipped": "not tried"}


def fault(broken: str, holds: str) -> pytest.MarkDecorator:
    """Mark a test as the row in which ``broken`` is what is wrong, and ``holds`` what must hold."""
    return pytest.mark.fault(broken, holds)


def case(*values: Any, broken: str, holds: str) -> Any:
    """Return a set of parameters that is a row of its own."""
    name = re.sub(r"[^a-z0-9]+", "-", broken.lower()).strip("-")
    return pytest.param(*values, marks=fault(broken, holds), id=name)


def area(item: pytest.Item) -> str:
    """Return what a row is about: the name of its file without ``test_``."""
    return item.path.stem.removeprefix("test_").replace("_", " ")


def summary(areas: list[str]) -> list[tuple[str, int]]:
    """Return how many rows there are in each area, in order of their names."""
    return sorted(Counter(areas).items())


class Table:
    """Collects what became of each row and prints them at the end."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[str, str, str]] = {}
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # The row comes with the report, since a worker of pytest-xdist has collected it.
        found: Any = dict(report.user_properties).get(MARK)
        if found:
            self.rows[report.nodeid] = (found[0], found[1], found[2])
            if report.when == "call" or report.outcome != "passed":
                self.outcomes[report.nodeid] = _SAID[report.outcome]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("faults")
        for nodeid, (where, broken, holds) in sorted(self.rows.items(), key=lambda row: row[1]):
            outcome = self.outcomes.get(nodeid, "not run")
            terminalreporter.line(f"{outcome:9} | {where} | {broken} | {holds}")
        counts = Counter(self.outcomes.get(each, "not run") for each in self.rows)
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        terminalreporter.line(f"{len(self.rows)} faults: {told or 'none'}")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fault(broken, holds): a row of the table of faults")
    if config.getoption("fault_table") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table(), "fault-table")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test in the folder that is no row: the table would not show it."""
    for item in items:
        folder = Path(item.path).parent.name
        marks = len(list(item.iter_markers(MARK)))
        if folder == FOLDER and marks != 1:
            raise pytest.UsageError(f"{item.nodeid} has {marks} marks of helpers.testing.faults")
        for mark in item.iter_markers(MARK):
            item.user_properties.append((MARK, [area(item), *mark.args]))
