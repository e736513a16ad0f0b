"""A pytest plugin: nbval compares with ``tests/nbval_sanitize.cfg``, from whatever folder it runs.

nbval takes the file's name from its option as it stands, and that is relative to the folder that
pytest was started in.
"""

from __future__ import annotations

import pytest

from helpers.paths import SANITIZERS

__all__ = ["pytest_configure"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give nbval its file, unless another was asked for."""
    if not config.getoption("nbval_sanitize_with", SANITIZERS):
        config.option.nbval_sanitize_with = str(SANITIZERS)
