"""The pages behind the addresses of runs and projects: HTML without scripts, styles inline."""

from __future__ import annotations

import html
import sqlite3
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from helpers import view
from helpers.langsmith_local.filtering.condition import equal, members
from helpers.langsmith_local.reading import query, rows
from helpers.langsmith_local.reading.portion import each, sizes
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.reading.turns import turn
from helpers.langsmith_local.state import state_of
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import iso, moment
from helpers.serving.bounds import DRAWN_BYTES
from helpers.view import Run, Trace

__all__ = ["ROUTES"]

SHOWN = 100  # traces on a project's page
LISTED = ", ".join(
    f"r.{name}"
    for name in (
        *("id", "trace_id", "project_id", "name", "status", "start_time", "latency"),
        *("total_tokens", "total_cost"),
    )
)
HELD = ("inputs", "outputs", "error", "tags", "metadata")
DRAWN = 1_000  # runs on a trace's page, of which a tree shows the first
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
table { border-collapse: collapse } td, th { padding: .2rem .8rem .2rem 0; text-align: left }
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
    found = query.select(store.connection(), selection, LISTED, limit=SHOWN + 1)
    lines = "".join(
        f'<tr><td><a href="{_text(rows.app_path(row, store.tenant_id))}">{_text(row["name"])}</a>'
        f"</td><td>{_text(row['status'])}</td><td>{_text(_numbers(row))}</td>"
        f"<td>{_text((iso(row['start_time']) or '')[:19])} UTC</td></tr>"
        for row in found[:SHOWN]
    )
    more = f"<p>The latest {SHOWN} traces.</p>" if len(found) > SHOWN else ""
    return _page(
        project["name"], f'<p><a href="/">All projects</a></p>{more}<table>{lines}</table>'
    )


def _run(store: Store, given: dict[str, str]) -> Response:
    chosen = members("id", [given["run_id"]])
    selection = Selection(projects=(given["project_id"],), where=(chosen,))
    found = query.select(store.connection(), selection, LISTED)
    if not found:
        return _missing("run")
    runs, left = _of_trace(store, found[0]["trace_id"])
    back = (
        f'<p><a href="/o/{store.tenant_id}/projects/p/{found[0]["project_id"]}">The project</a></p>'
    )
    beside = rows.beside(store, [row["id"] for row in runs])
    drawn = [view.html(Trace(root, metadata=True)) for root in _roots(runs, beside.feedback)]
    return _page(found[0]["name"], back + _told(left) + "".join(drawn))


def _of_trace(store: Store, trace_id: str) -> tuple[list[sqlite3.Row], tuple[int, int]]:
    """Return the runs of a trace that are drawn, and how many are not, or without their texts."""
    connection = store.connection()
    rows_of = connection.execute(
        "SELECT id FROM runs WHERE trace_id = ? ORDER BY dotted_order", (trace_id,)
    )
    ids = [row[0] for row in rows_of]
    found: list[sqlite3.Row] = []
    room, whole = DRAWN_BYTES, 0
    for run_id, size in zip(ids, sizes(connection, ids[:DRAWN]), strict=False):
        fits = size <= room
        room -= size if fits else 0
        whole += fits
        found += each(connection, [run_id], HELD if fits else ())
    return found, (len(ids) - len(found), len(found) - whole)


def _told(left: tuple[int, int]) -> str:
    """Return what is left out of a trace's page, and how to see it; empty when nothing is."""
    runs, texts = left
    said = []
    if runs:
        said.append(f"{runs} more runs of this trace are not drawn.")
    if texts:
        said.append(
            f"{texts} runs are drawn without what they hold (inputs, outputs, error, tags and "
            f"metadata), since a page reads {DRAWN_BYTES} bytes of it."
        )
    how = "See it with langsmith.Client: list_runs(trace_id=…) or read_run(…)."
    return f"<p>{_text(' '.join((*said, how)))}</p>" if said else ""


def _roots(stored: list[sqlite3.Row], marks: dict[str, dict[str, Any]]) -> list[Run]:
    """Return the trees of a trace's runs; one whose parent is not stored stands at the top."""
    known = {row["id"] for row in stored}
    beneath: dict[str | None, list[Run]] = defaultdict(list)
    # From the last in dotted order to the first, so that children are there before their parent.
    for row in sorted(stored, key=lambda row: row["dotted_order"], reverse=True):
        children = tuple(reversed(beneath.pop(row["id"], [])))
        parent = row["parent_run_id"] if row["parent_run_id"] in known else None
        beneath[parent].append(_drawn(row, children, marks.get(row["id"], {})))
    return beneath[None][::-1]


def _drawn(row: sqlite3.Row, children: tuple[Run, ...], feedback: dict[str, Any]) -> Run:
    same = ("id", "trace_id", "name", "run_type", "status", "error", "total_cost")
    tokens = ("prompt_tokens", "completion_tokens", "total_tokens")
    return Run(
        **{name: row[name] for name in (*same, *tokens)},
        parent_id=row["parent_run_id"],
        start=moment(row["start_time"]),
        end=None if row["end_time"] is None else moment(row["end_time"]),
        seconds=row["latency"],
        inputs=orjson.loads(row["inputs"] or "{}"),
        outputs=orjson.loads(row["outputs"]) if row["outputs"] else None,
        metadata=orjson.loads(row["metadata"] or "{}"),
        tags=tuple(orjson.loads(row["tags"] or "[]")),
        feedback=feedback,
        children=children,
    )


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


def _alone(show: Callable[[Store, dict[str, str]], Response], *given: Any) -> Response:
    with turn():
        return show(*given)


def _showing(
    show: Callable[[Store, dict[str, str]], Response],
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        state = state_of(request.app)
        async with state.reading:
            return await run_in_threadpool(_alone, show, state.store, request.path_params)

    return endpoint


ROUTES: list[Route] = [
    Route("/", _showing(_projects), methods=["GET"]),
    Route(PROJECT, _showing(_project), methods=["GET"]),
    Route(PROJECT + "/r/{run_id}", _showing(_run), methods=["GET"]),
]
