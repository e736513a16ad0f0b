"""The list of projects, and that of a project's traces."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from helpers.langsmith_local.filtering.compile import FilterError
from helpers.langsmith_local.filtering.condition import equal
from helpers.langsmith_local.ids import uuid_text
from helpers.langsmith_local.pages import searching
from helpers.langsmith_local.pages.records import SHORT, lines
from helpers.langsmith_local.parameters import whole_number
from helpers.langsmith_local.reading import query
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.store import Store

__all__ = ["COLUMNS", "Missing", "of_project", "of_projects", "project_of"]

SHOWN = 100  # projects or traces on a page
COUNTED = 1_000  # matches up to which they are counted
COLUMNS = ", ".join(f"r.{name}" for name in SHORT)
SUMS = (
    "count(*) AS traces, sum(r.status = 'error') AS failed, max(r.start_time) AS last, "
    "sum(r.total_tokens) AS tokens, sum(r.total_cost) AS cost"
)

Given = Mapping[str, str]
Filled = dict[str, Any]


class Missing(Exception):
    """What a page is asked for and is not there: a project, a run, a thread."""


def project_of(store: Store, given: Given) -> sqlite3.Row:
    """Return the project that an address names by its id; raise ``Missing``."""
    try:
        identity = uuid_text(given["project_id"])
    except ValueError:
        raise Missing("project") from None
    project = store.project(identity)
    if project is None or project["id"] != identity:
        raise Missing("project")
    return project


def of_projects(store: Store, given: Given) -> Filled:
    """Return what the list of projects shows: those with the latest traces first."""
    connection = store.connection()
    every = connection.execute("SELECT id, name FROM projects ORDER BY name").fetchall()
    found = [
        {"id": row["id"], "name": row["name"], "sums": _sums(connection, row["id"])}
        for row in every
    ]
    found.sort(key=lambda one: -(one["sums"]["last"] or 0))
    page = whole_number(given.get("page"), "page", least=1, most=10_000, default=1)
    first = (page - 1) * SHOWN
    return {
        "projects": found[first : first + SHOWN],
        "count": len(found),
        "page": page,
        "next": page + 1 if len(found) > first + SHOWN else None,
    }


def _sums(connection: sqlite3.Connection, project_id: str) -> sqlite3.Row:
    """Return how many traces a project has, how many failed, the latest, tokens and cost."""
    whole = Selection((project_id,), (equal("is_root", 1),))
    return query.select(connection, whole, SUMS)[0]


def of_project(store: Store, given: Given) -> Filled:
    """Return what the list of a project's traces shows, or why its filter cannot be read."""
    project, asked = project_of(store, given), searching.asked(given)
    filled: Filled = {
        "project": project,
        "asked": asked,
        "of": searching.OF,
        "examples": searching.EXAMPLES,
        "problem": None,
        "lines": [],
        "next": None,
        "matching": None,
        "sums": _sums(store.connection(), project["id"]),
    }
    try:
        return filled | _listed(store, project["id"], asked)
    except FilterError as error:
        return filled | {"problem": str(error), "http_status": 400}


def _listed(store: Store, project_id: str, asked: searching.Asked) -> Filled:
    connection = store.connection()
    chosen = searching.selection(project_id, asked)
    found = query.select(connection, chosen, COLUMNS, limit=SHOWN + 1)
    last = found[SHOWN - 1] if len(found) > SHOWN else None
    filled: Filled = {"lines": lines(store, found[:SHOWN])}
    if last is not None:
        filled["next"] = query.encode((last["start_time"], last["id"]))
    if asked.narrowed:
        every = searching.selection(project_id, asked, paged=False)
        counted = len(query.select(connection, every, "1", limit=COUNTED + 1))
        filled["matching"] = f"more than {COUNTED:,}" if counted > COUNTED else f"{counted:,}"
    return filled
