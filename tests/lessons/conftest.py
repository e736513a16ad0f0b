"""What holds for the tests of what lessons claim."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "struggle(number): shows what happens in a row of test_struggles.STRUGGLES"
    )
