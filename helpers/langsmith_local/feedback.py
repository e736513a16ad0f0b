"""The routes of feedback: scores, values and comments on runs and projects."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpers.langsmith_local import body, opinion
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ids import uuid_text
from helpers.langsmith_local.parameters import (
    checked,
    listed,
    one_of,
    truth,
    unserved,
    whole_number,
)
from helpers.langsmith_local.state import state_of
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import microseconds, now
from helpers.langsmith_local.values import told

__all__ = ["ROUTES"]

MAX_PAGE = 100


async def _create(request: Request) -> Response:
    given = await body.read_object(request)
    return await state_of(request.app).write(_created, given)


def _created(store: Store, given: dict[str, Any]) -> Response:
    values = opinion.columns(given)
    with store.writing() as connection:
        if run_id := values.get("run_id"):
            if not connection.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone():
                raise Refusal(404, f"Run not found: {run_id}")
        elif store.project(values.get("project_id") or "") is None:
            raise Refusal(404, "Feedback needs the run_id of a run or the session_id of a project")
        opinion.insert(connection, values)
        return JSONResponse(opinion.shown(_row(connection, values["id"])))


def _list(request: Request) -> Response:
    query = request.query_params
    where = ["1"]
    values: list[str | int] = []
    unserved(query, {"comparative_experiment_id": "it has no experiments"})
    for name, sql, check in _LISTS:
        if wanted := listed(query.getlist(name), name, check):
            where.append(f"{sql} IN (SELECT value FROM json_each(?))")
            values.append(orjson.dumps(wanted).decode())
    if level := one_of(query.get("level"), "level", ("run", "session")):
        where.append(f"run_id IS {'NOT NULL' if level == 'run' else 'NULL'}")
    for name, op in (("min_created_at", ">="), ("max_created_at", "<=")):
        if (time := checked(query.get(name) or None, name, microseconds)) is not None:
            where.append(f"created_at {op} ?")
            values.append(time)
    for name, column in (("has_comment", "comment"), ("has_score", "score")):
        if (has := truth(query.get(name), name)) is not None:
            where.append(f"{column} IS {'NOT NULL' if has else 'NULL'}")
    limit = whole_number(query.get("limit"), "limit", least=1, most=MAX_PAGE, default=MAX_PAGE)
    offset = whole_number(query.get("offset"), "offset", least=0, most=2**62, default=0)
    rows = _connection(request).execute(
        f"SELECT * FROM feedback WHERE {' AND '.join(where)} "
        "ORDER BY created_at DESC, id LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    return JSONResponse([opinion.shown(row) for row in rows])


def _retrieve(request: Request) -> Response:
    feedback_id = opinion.uuid_of(request.path_params["feedback_id"], "feedback_id")
    return JSONResponse(opinion.shown(_row(_connection(request), feedback_id)))


async def _update(request: Request) -> Response:
    given = await body.read_object(request)
    feedback_id = opinion.uuid_of(request.path_params["feedback_id"], "feedback_id")
    return await state_of(request.app).write(_updated, feedback_id, given)


def _updated(store: Store, feedback_id: str, given: dict[str, Any]) -> Response:
    changes = opinion.changes(given) | {"modified_at": now()}
    with store.writing() as connection:
        _row(connection, feedback_id)
        sets = ", ".join(f"{column} = ?" for column in changes)
        connection.execute(
            f"UPDATE feedback SET {sets} WHERE id = ?", (*changes.values(), feedback_id)
        )
        return JSONResponse(opinion.shown(_row(connection, feedback_id)))


async def _delete(request: Request) -> Response:
    feedback_id = opinion.uuid_of(request.path_params["feedback_id"], "feedback_id")
    return await state_of(request.app).write(_deleted, feedback_id)


def _deleted(store: Store, feedback_id: str) -> Response:
    with store.writing() as connection:
        _row(connection, feedback_id)
        connection.execute("DELETE FROM feedback WHERE id = ?", (feedback_id,))
    return JSONResponse({"message": "Feedback deleted"})


def _connection(request: Request) -> sqlite3.Connection:
    return state_of(request.app).store.connection()


def _row(connection: sqlite3.Connection, feedback_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM feedback WHERE id = ?", (feedback_id,)
    ).fetchone()
    if row is None:
        raise Refusal(404, f"Feedback not found: {feedback_id}")
    return row


def _source(text: str) -> str:
    if text not in opinion.SOURCES:
        raise ValueError(f"takes {', '.join(opinion.SOURCES)}; not {told(text)}")
    return text


# Parameters that may be repeated: what they are compared with, and what their values are.
_LISTS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("run", "run_id", uuid_text),
    ("session", "project_id", uuid_text),
    ("key", "key", str),
    ("source", "json_extract(source, '$.type')", _source),
    ("user", "json_extract(source, '$.user_id')", uuid_text),
)


ROUTES: list[Route] = [
    Route("/feedback", _list, methods=["GET"]),
    Route("/feedback", _create, methods=["POST"]),
    Route("/feedback/{feedback_id}", _retrieve, methods=["GET"]),
    Route("/feedback/{feedback_id}", _update, methods=["PATCH"]),
    Route("/feedback/{feedback_id}", _delete, methods=["DELETE"]),
]
