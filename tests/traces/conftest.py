"""A local LangSmith, and the SDK pointed at it with a project for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from langsmith import run_trees, utils

from helpers.langsmith_local import create_app
from helpers.traces import connection
from tests.serving.opened import serving


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database: Path = tmp_path_factory.mktemp("langsmith") / "runs.sqlite"
    with serving(create_app(database), name="local LangSmith") as address:
        yield address
        connection.forget(address)


@pytest.fixture(autouse=True)
def project(url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Point the SDK at the local service, with a project of the test's own."""
    name = request.node.name[:80]
    for key, value in {
        "LANGSMITH_ENDPOINT": url,
        "LANGSMITH_PROJECT": name,
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_API_KEY": "local",
    }.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr(run_trees, "_CLIENT", None)
    utils.get_env_var.cache_clear()
    utils.get_tracer_project.cache_clear()
    request.addfinalizer(utils.get_env_var.cache_clear)
    return name
