"""A pytest plugin: a cell that needs a program is skipped where the program is missing.

A cell with the tag ``needs-node`` or ``needs-curl`` is compared as strictly as any other on a
machine that has the program, and skipped, with what to install, on one that has not.
"""

from __future__ import annotations

import pytest
from nbval.plugin import IPyNbCell

from helpers import terminal

__all__ = ["needed"]

PREFIX = "needs-"


def needed(tags: list[str]) -> list[str]:
    """Return the programs that a cell's ``tags`` ask for."""
    return [tag.removeprefix(PREFIX) for tag in tags if tag.startswith(PREFIX)]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if isinstance(item, IPyNbCell):
        for program in needed(item.cell.metadata.get("tags", [])):
            if lack := terminal.missing(program):
                pytest.skip(lack.splitlines()[0])
