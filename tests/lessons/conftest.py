"""What holds for the tests of what lessons claim."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lessons import house as houses


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "struggle(number): shows what happens in a row of test_struggles.STRUGGLES"
    )


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[houses.House]:
    """The services and the proxy that several files share."""
    with houses.opened(tmp_path_factory.mktemp("house")) as house:
        yield house
