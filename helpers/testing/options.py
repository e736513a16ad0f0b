"""A pytest plugin: the options of pytest that are ours. A new one is a line here."""

from __future__ import annotations

from pathlib import Path

import pytest

__all__ = ["pytest_addoption"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options; the plugins beside this one read them."""
    group = parser.getgroup("lessons", "running lessons")
    group.addoption("--outputs-to", type=Path, help="write the outputs of notebook cells here")
    group.addoption("--fault-table", action="store_true", help="print the table of faults")
    group.addoption("--live", action="store_true", help="leave out what depends on the model")
    group.addoption("--live-table", action="store_true", help="write what came of it in the README")
    group.addoption("--pictures", type=Path, help="keep the pictures of tests/browser here")
    group.addoption("--lag", help="traces become readable so many seconds late (TUTORIAL_LAG)")
