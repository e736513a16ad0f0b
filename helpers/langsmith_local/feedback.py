"""Feedback: scores, values and comments on runs and projects."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpers.langsmith_local import body
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ids import uuid_text
from helpers.langsmith_local.parameters import checked, truth, whole_number
from helpers.langsmith_local.state import state_of
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import iso, microseconds, now
from helpers.langsmith_local.values import json_text, number

__all__ = ["columns", "insert", "ROUTES"]

MAX_KEY = 180
MAX_PAGE = 100
_IDS = {"id": "id", "run_id": "run_id", "trace_id": "trace_id", "session_id": "project_id"}
_JSON = {
    "value": "value",
    "correction": "correction",
    "feedback_source": "source",
    "extra": "extra",
}
_COLUMNS = (
    *_IDS.values(),
    "key",
    "score",
    "comment",
    *_JSON.values(),
    "created_at",
    "modified_at",
)


def columns(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return feedback as sent as values of the table's columns; 422 for a field of a wrong kind."""
    values: dict[str, Any] = {"id": str(uuid.uuid4())}
    for key, column in _IDS.items():
        if given.get(key) is not None:
            values[column] = _uuid(given[key], key)
    named = given.get("key")
    if not isinstance(named, str) or not 0 < len(named) <= MAX_KEY or "\0" in named:
        raise _wrong("key", f"must be text of 1 to {MAX_KEY} characters, none of them NUL")
    values["key"] = named
    return values | _opinion(given) | _times(given)


def insert(connection: sqlite3.Connection, values: Mapping[str, Any]) -> None:
    """Write one feedback; one with the same id is replaced. The run gives trace and project."""
    values = dict(values)
    run = connection.execute(
        "SELECT trace_id, project_id FROM runs WHERE id = ?", (values.get("run_id"),)
    ).fetchone()
    if run is not None:
        values["trace_id"], values["project_id"] = run
    marks = ", ".join("?" * len(_COLUMNS))
    connection.execute(
        f"INSERT OR REPLACE INTO feedback ({', '.join(_COLUMNS)}) VALUES ({marks})",
        [values.get(column) for column in _COLUMNS],
    )


async def _create(request: Request) -> Response:
    given = await body.read_object(request)
    return await state_of(request.app).write(_created, given)


def _created(store: Store, given: dict[str, Any]) -> Response:
    values = columns(given)
    with store.writing() as connection:
        if run_id := values.get("run_id"):
            if not connection.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone():
                raise Refusal(404, f"Run not found: {run_id}")
        elif store.project(values.get("project_id") or "") is None:
            raise Refusal(404, "Feedback needs the run_id of a run or the session_id of a project")
        insert(connection, values)
        return JSONResponse(_feedback(_row(connection, values["id"])))


def _list(request: Request) -> Response:
    query = request.query_params
    where = ["1"]
    values: list[str] = []
    for name, column in (("run", "run_id"), ("key", "key"), ("session", "project_id")):
        if wanted := query.getlist(name):
            wanted = wanted if name == "key" else [_uuid(one, name) for one in wanted]
            where.append(f"{column} IN (SELECT value FROM json_each(?))")
            values.append(orjson.dumps(wanted).decode())
    if sources := query.getlist("source"):
        where.append("json_extract(source, '$.type') IN (SELECT value FROM json_each(?))")
        values.append(orjson.dumps(sources).decode())
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
    return JSONResponse([_feedback(row) for row in rows])


def _retrieve(request: Request) -> Response:
    feedback_id = _uuid(request.path_params["feedback_id"], "feedback_id")
    return JSONResponse(_feedback(_row(_connection(request), feedback_id)))


async def _update(request: Request) -> Response:
    given = await body.read_object(request)
    feedback_id = _uuid(request.path_params["feedback_id"], "feedback_id")
    return await state_of(request.app).write(_updated, feedback_id, given)


def _updated(store: Store, feedback_id: str, given: dict[str, Any]) -> Response:
    changes = _opinion(given) | {"modified_at": now()}
    with store.writing() as connection:
        _row(connection, feedback_id)
        sets = ", ".join(f"{column} = ?" for column in changes)
        connection.execute(
            f"UPDATE feedback SET {sets} WHERE id = ?", (*changes.values(), feedback_id)
        )
        return JSONResponse(_feedback(_row(connection, feedback_id)))


async def _delete(request: Request) -> Response:
    feedback_id = _uuid(request.path_params["feedback_id"], "feedback_id")
    return await state_of(request.app).write(_deleted, feedback_id)


def _deleted(store: Store, feedback_id: str) -> Response:
    with store.writing() as connection:
        _row(connection, feedback_id)
        connection.execute("DELETE FROM feedback WHERE id = ?", (feedback_id,))
    return JSONResponse({"message": "Feedback deleted"})


def _opinion(given: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    score, comment = given.get("score"), given.get("comment")
    if score is not None:
        if not isinstance(score, int | float):
            raise _wrong("score", "must be a number or true or false")
        checked(score, "feedback score", number)
        values["score"] = float(score)
    if comment is not None:
        if not isinstance(comment, str):
            raise _wrong("comment", "must be text")
        values["comment"] = comment
    for key, column in _JSON.items():
        if given.get(key) is not None:
            values[column] = checked(given[key], f"feedback {key}", json_text)
    return values


def _times(given: Mapping[str, Any]) -> dict[str, int]:
    times = {}
    for key in ("created_at", "modified_at"):
        sent = checked(given.get(key), f"feedback {key}", microseconds)
        times[key] = now() if sent is None else sent
    return times


def _connection(request: Request) -> sqlite3.Connection:
    return state_of(request.app).store.connection()


def _row(connection: sqlite3.Connection, feedback_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM feedback WHERE id = ?", (feedback_id,)
    ).fetchone()
    if row is None:
        raise Refusal(404, f"Feedback not found: {feedback_id}")
    return row


def _feedback(row: sqlite3.Row) -> dict[str, Any]:
    shown = {key: row[column] for key, column in _IDS.items()}
    shown |= {key: row[key] for key in ("key", "score", "comment")}
    shown |= {
        key: orjson.loads(row[column]) if row[column] else None for key, column in _JSON.items()
    }
    shown |= {key: iso(row[key]) for key in ("created_at", "modified_at")}
    return shown


def _uuid(value: Any, name: str) -> str:
    try:
        return uuid_text(value)
    except ValueError:
        raise _wrong(name, "must be a UUID") from None


def _wrong(field: str, why: str) -> Refusal:
    return Refusal(422, f"feedback {field}: {why}")


ROUTES: list[Route] = [
    Route("/feedback", _list, methods=["GET"]),
    Route("/feedback", _create, methods=["POST"]),
    Route("/feedback/{feedback_id}", _retrieve, methods=["GET"]),
    Route("/feedback/{feedback_id}", _update, methods=["PATCH"]),
    Route("/feedback/{feedback_id}", _delete, methods=["DELETE"]),
]
