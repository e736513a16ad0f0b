"""A running local LangSmith with a fresh database for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from helpers.langsmith_local import create_app
from helpers.langsmith_local.store import Store
from helpers.server import serving


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    return create_app(tmp_path / "langsmith.db")


@pytest.fixture
def service(app: Starlette) -> Iterator[str]:
    """The address of the running service."""
    with serving(app, name="langsmith") as url:
        yield url


@pytest.fixture
def store(app: Starlette) -> Iterator[Store]:
    """The database of the running service."""
    yield app.state.store
    app.state.store.close()
