"""A service with one good trace, and everything that reads a project of it."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.testclient import TestClient

from helpers.langsmith_local import create_app
from helpers.langsmith_local.reading.selects import RUN_FIELDS, TURN_FIELDS
from helpers.langsmith_local.reading.threads import THREAD_STATS

__all__ = ["STAMP", "opened", "run", "unread"]

STAMP = "20260101T000000000000Z"
SINCE = {"min_start_time": "1900-01-01T00:00:00Z"}
RUNS, TURNS = list(RUN_FIELDS), ["TURN_NUMBER", *TURN_FIELDS]


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[TestClient]:
    """Serve a fresh database in this process; a failure is its 500 and no exception."""
    app = create_app(folder / "langsmith.db")
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def run(parent: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Return a run that is taken, with ``fields`` in place of its own."""
    run_id = str(uuid.uuid4())
    order = f"{STAMP}{run_id}"
    made = {
        "id": run_id,
        "trace_id": parent["trace_id"] if parent else run_id,
        "dotted_order": f"{parent['dotted_order']}.{order}" if parent else order,
        "name": "define",
        "run_type": "llm",
        "session_name": "good",
        "start_time": "2026-01-01T00:00:00Z",
        "end_time": "2026-01-01T00:00:01Z",
        "inputs": {"term": "HTTP"},
        "outputs": {"text": "A protocol."},
        "extra": {"metadata": {"thread_id": "one", "level": 3}},
        "tags": ["a"],
    }
    return made | ({"parent_run_id": parent["id"]} if parent else {}) | fields


def unread(client: TestClient, project: str = "good", **chosen: str) -> list[str]:
    """Return which readers of a project do not answer 200 with what a client can parse.

    The project is that of this name, or the one that ``id`` names.
    """
    chosen = chosen or {"name": project}
    found = client.get("/sessions", params={**chosen, "include_stats": "true"})
    if found.status_code != 200 or not found.json():
        return [f"GET /sessions {found.status_code} {found.text[:300]}"]
    ident, tenant = found.json()[0]["id"], found.json()[0]["tenant_id"]
    wrong, runs = [], []
    for method, path, options in _requests(ident, tenant):
        got = client.request(method, path, **options)
        with contextlib.suppress(ValueError):
            if got.status_code == 200 and (
                path.startswith(("/o/", "/?")) or got.json() is not None
            ):
                runs = got.json()["runs"] if path == "/runs/query" else runs
                continue
        wrong.append(f"{method} {path} {got.status_code} {got.text[:300]}")
    for one in runs[:3]:
        paths = [f"/runs/{one['id']}", one["app_path"]]
        # Dots a client resolves away, and NUL is refused in an address.
        if one["thread_id"] not in (None, ".", "..") and "\0" not in one["thread_id"]:
            thread = f"/v2/threads/{quote(one['thread_id'], safe='')}"
            asked = "&".join(f"selects={name}" for name in TURNS)
            paths.append(f"{thread}/traces?project_id={ident}&{asked}")
            asked = "&".join(f"selects={name}" for name in THREAD_STATS)
            paths.append(f"{thread}/stats?session_id={ident}&{asked}")
        asked = "&".join(f"selects={name}" for name in RUNS)
        paths.append(f"/v2/traces/{one['trace_id']}/runs?project_id={ident}&{asked}")
        for path in paths:
            got = client.get(path)
            if got.status_code != 200:
                wrong.append(f"GET {path} {got.status_code} {got.text[:300]}")
    return wrong


def _requests(ident: str, tenant: str) -> list[tuple[str, str, dict[str, Any]]]:
    v1, v2 = {"session": [ident]}, {"project_ids": [ident], **SINCE, "selects": RUNS}
    one = {"project_id": ident, **SINCE}
    return [
        ("GET", f"/sessions/{ident}", {}),
        ("GET", "/feedback", {}),
        ("POST", "/runs/query", {"json": v1}),
        ("POST", "/runs/query", {"json": {**v1, "filter": 'search("x")'}}),
        ("POST", "/runs/stats", {"json": v1}),
        ("POST", "/v2/runs/query", {"json": v2}),
        ("POST", "/v2/traces/query", {"json": {**one, "selects": RUNS}}),
        ("POST", "/v2/threads/query", {"json": one}),
        ("GET", "/?pages", {}),
        ("GET", f"/o/{tenant}/projects/p/{ident}", {}),
    ]
