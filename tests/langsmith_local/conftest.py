"""A running local LangSmith with a fresh database for each test, and runs to send to it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from langsmith import Client
from starlette.applications import Starlette

from helpers.langsmith_local import create_app, state_of
from helpers.langsmith_local.ingest.rules import dotted_order
from helpers.langsmith_local.store import Store
from tests.langsmith_local.document import answers_of_the_document
from tests.serving.opened import serving

__all__ = ["answers_of_the_document"]

START = 1_767_225_600_000_000  # 2026-01-01


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    return create_app(tmp_path / "langsmith.db")


@pytest.fixture
def service(app: Starlette, store: Store) -> Iterator[str]:
    """The address of the running service.

    It ends before the database is closed: a connection that is closed under a thread which still
    writes ends the interpreter.
    """
    with serving(app, name="langsmith") as url:
        yield url


@pytest.fixture
def store(app: Starlette) -> Iterator[Store]:
    """The database of the running service."""
    yield state_of(app).store
    state_of(app).store.close()


@pytest.fixture
def client(service: str) -> Iterator[Client]:
    """A LangSmith client, as a user makes one, of the running service."""
    client = Client(api_url=service, api_key="lsv2_pt_not_a_key")
    yield client
    client.cleanup()


@pytest.fixture
def make_run() -> Callable[..., dict[str, Any]]:
    """Makes a complete run as JSON: a root, or a child of the run given as ``parent``."""

    def make(parent: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        run_id = fields.pop("id", None) or str(uuid.uuid4())
        start = fields.pop("start", START)
        above = parent["dotted_order"] if parent else ""
        run = {
            "id": run_id,
            "trace_id": parent["trace_id"] if parent else run_id,
            "dotted_order": dotted_order(start, run_id, parent=above),
            "name": "define",
            "run_type": "llm",
            "session_name": "glossary",
            "start_time": "2026-01-01T00:00:00Z",
            "end_time": "2026-01-01T00:00:01.5Z",
            "inputs": {"term": "HTTP"},
            "outputs": {"text": "A protocol."},
        }
        if parent:
            run["parent_run_id"] = parent["id"]
        return run | fields

    return make


@pytest.fixture
def send(service: str) -> Callable[..., requests.Response]:
    """Posts a batch of runs as JSON and returns the answer."""

    def send(*posts: Any, patch: list[Any] | None = None) -> requests.Response:
        batch = {"post": list(posts), "patch": patch or []}
        return requests.post(f"{service}/runs/batch", json=batch, timeout=30)

    return send


@pytest.fixture
def stored(store: Store) -> Callable[[str], dict[str, Any] | None]:
    """Reads the row of a run from the database, None when there is none."""

    def stored(run_id: str) -> dict[str, Any] | None:
        found = store.connection().execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
        return dict(found) if found else None

    return stored
