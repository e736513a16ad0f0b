"""The pages behind the addresses of runs and projects: HTML without scripts, styles inline."""

from __future__ import annotations

import html
import json
import sqlite3
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from helpers.langsmith_local import query, rows
from helpers.langsmith_local.condition import equal, members
from helpers.langsmith_local.query import Selection
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import iso

__all__ = ["routes"]

SHOWN = 100  # traces on a project's page
PROJECT = "/o/{tenant}/projects/p/{project_id}"
# What a page shows came from a model or a user; it may load nothing and run nothing.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
details { margin-left: 1.2rem } summary { cursor: pointer; padding: .1rem 0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid; padding-left: .8rem }
table { border-collapse: collapse } td, th { padding: .2rem .8rem .2rem 0; text-align: left }
.this { font-weight: bold } .error { color: #c22 } .kind { opacity: .7 }
"""


def _page(title: str, content: str, status: int = 200) -> Response:
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{STYLE}</style></head>"
    )
    body = f"<body><main><h1>{_text(title)}</h1>{content}</main></body></html>"
    return HTMLResponse(head + body, status, headers=HEADERS)


def _text(value: Any) -> str:
    return html.escape(str(value), quote=True)


def _projects(store: Store, given: dict[str, str]) -> Response:
    found = store.connection().execute(
        "SELECT p.id, p.name, (SELECT count(*) FROM runs r WHERE r.project_id = p.id) AS runs "
        "FROM projects p ORDER BY p.name"
    )
    lines = [
        f'<tr><td><a href="/o/{store.tenant_id}/projects/p/{row["id"]}">{_text(row["name"])}</a>'
        f"</td><td>{row['runs']}</td></tr>"
        for row in found
    ]
    table = f"<table><tr><th>Project</th><th>Runs</th></tr>{''.join(lines)}</table>"
    return _page("Projects on this machine", table if lines else "<p>There are none yet.</p>")


def _project(store: Store, given: dict[str, str]) -> Response:
    project = store.project(given["project_id"])
    if project is None or project["id"] != given["project_id"]:
        return _missing("project")
    selection = Selection(projects=(project["id"],), where=(equal("is_root", 1),))
    page = query.page(store.connection(), selection, limit=SHOWN)
    lines = "".join(
        f'<tr><td><a href="{_text(rows.app_path(row, store.tenant_id))}">{_text(row["name"])}</a>'
        f"</td><td>{_text(row['status'])}</td><td>{_text(_numbers(row))}</td>"
        f"<td>{_text((iso(row['start_time']) or '')[:19])} UTC</td></tr>"
        for row in page.rows
    )
    more = f"<p>The latest {SHOWN} traces.</p>" if page.next else ""
    return _page(
        project["name"], f'<p><a href="/">All projects</a></p>{more}<table>{lines}</table>'
    )


def _run(store: Store, given: dict[str, str]) -> Response:
    chosen = members("id", [given["run_id"]])
    selection = Selection(projects=(given["project_id"],), where=(chosen,))
    found = query.page(store.connection(), selection, limit=1).rows
    if not found:
        return _missing("run")
    trace = (members("trace_id", [found[0]["trace_id"]]),)
    runs = query.select(store.connection(), Selection(where=trace, descending=False), "r.*")
    back = (
        f'<p><a href="/o/{store.tenant_id}/projects/p/{found[0]["project_id"]}">The project</a></p>'
    )
    return _page(found[0]["name"], back + _tree(runs, given["run_id"]))


def _tree(runs: list[sqlite3.Row], chosen: str) -> str:
    """Return nested ``<details>``; runs whose parent is not stored stand at the top."""
    parts: list[str] = []
    open_orders: list[str] = []
    # In dotted order a run comes right before the runs beneath it, however deep they are.
    for row in sorted(runs, key=lambda row: row["dotted_order"]):
        while open_orders and not row["dotted_order"].startswith(open_orders[-1] + "."):
            open_orders.pop()
            parts.append("</details>")
        open_orders.append(row["dotted_order"])
        marks = " ".join(
            name
            for name, holds in (("this", row["id"] == chosen), ("error", row["error"]))
            if holds
        )
        parts.append(
            f'<details open><summary class="{marks}">{_text(row["name"])} '
            f'<span class="kind">{_text(row["run_type"])} · {_text(_numbers(row))}</span></summary>'
        )
        parts.append(_contents(row))
    return "".join(parts) + "</details>" * len(open_orders)


def _contents(row: sqlite3.Row) -> str:
    shown = []
    for name in ("inputs", "outputs", "error", "tags", "metadata"):
        text = row[name]
        if text in (None, "{}", "[]"):
            continue
        if name != "error":
            text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
        shown.append(f"<details><summary>{name}</summary><pre>{_text(text)}</pre></details>")
    return "".join(shown)


def _numbers(row: sqlite3.Row) -> str:
    parts = ["running" if row["latency"] is None else f"{row['latency']:.2f} s"]
    if row["total_tokens"]:
        parts.append(f"{row['total_tokens']} tokens")
    if row["total_cost"]:
        parts.append(f"${row['total_cost']:.6f}")
    return ", ".join(parts)


def _missing(what: str) -> Response:
    words = f"There is no such {what} here; it may have been sent elsewhere, or deleted."
    return _page("Not found", f'<p>{words} <a href="/">All projects</a></p>', 404)


def _showing(show: Callable[[Store, dict[str, str]], Response]) -> Callable:
    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(show, request.app.state.store, request.path_params)

    return endpoint


routes: list[Route] = [
    Route("/", _showing(_projects), methods=["GET"]),
    Route(PROJECT, _showing(_project), methods=["GET"]),
    Route(PROJECT + "/r/{run_id}", _showing(_run), methods=["GET"]),
]
