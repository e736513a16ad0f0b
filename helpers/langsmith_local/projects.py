"""Projects, which the API calls sessions (tracer sessions)."""

from __future__ import annotations

import sqlite3
import uuid
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
from helpers.langsmith_local.values import check_name, json_text, told

__all__ = ["create", "ensure", "ROUTES", "start_by"]

MAX_PAGE = 100


def ensure(connection: sqlite3.Connection, name: str, start_time: int) -> str:
    """Return the id of the project ``name``, which is made when missing.

    Its start is never later than ``start_time``: the v2 API looks for runs from there on.
    """
    row = connection.execute("SELECT id FROM projects WHERE name = ?", (name,)).fetchone()
    if row is None:
        return create(connection, name, min(start_time, now()))
    start_by(connection, row[0], start_time)
    return str(row[0])


def start_by(connection: sqlite3.Connection, project_id: str, start_time: int) -> None:
    """Let a project start no later than ``start_time``."""
    connection.execute(
        "UPDATE projects SET start_time = ? WHERE id = ? AND start_time > ?",
        (start_time, project_id, start_time),
    )


def create(
    connection: sqlite3.Connection,
    name: str,
    start_time: int,
    *,
    project_id: str | None = None,
    description: str | None = None,
    extra: str | None = None,
) -> str:
    """Insert a project and return its id; ``sqlite3.IntegrityError`` when name or id is taken.

    ``extra`` is JSON.
    """
    project_id = project_id or str(uuid.uuid4())
    connection.execute(
        "INSERT INTO projects (id, name, start_time, description, extra) VALUES (?, ?, ?, ?, ?)",
        (project_id, name, start_time, description, extra),
    )
    return project_id


def _list(request: Request) -> Response:
    query, store = request.query_params, state_of(request.app).store
    where = ["1"]
    values: list[str] = []
    if query.get("name"):
        where.append("name = ?")
        values.append(query["name"])
    if query.get("name_contains"):
        where.append("instr(lower(name), lower(?)) > 0")
        values.append(query["name_contains"])
    if ids := query.getlist("id"):
        where.append("id IN (SELECT value FROM json_each(?))")
        values.append(orjson.dumps([_uuid(one, "id") for one in ids]).decode())
    order = "name" if query.get("sort_by") == "name" else "start_time"
    way = "ASC" if truth(query.get("sort_by_desc"), "sort_by_desc") is False else "DESC"
    limit = whole_number(query.get("limit"), "limit", least=1, most=MAX_PAGE, default=MAX_PAGE)
    offset = whole_number(query.get("offset"), "offset", least=0, most=2**62, default=0)
    rows = store.connection().execute(
        f"SELECT * FROM projects WHERE {' AND '.join(where)} "
        f"ORDER BY {order} {way}, rowid {way} LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    counted = truth(query.get("include_stats"), "include_stats") is True
    return JSONResponse([_project(store, row, counted=counted) for row in rows])


def _retrieve(request: Request) -> Response:
    store, project_id = state_of(request.app).store, _id_of(request)
    return JSONResponse(_project(store, _row(store.connection(), project_id), counted=True))


async def _create(request: Request) -> Response:
    given = await body.read_object(request)
    upsert = truth(request.query_params.get("upsert"), "upsert") is True
    return await state_of(request.app).write(_created, given, upsert)


def _created(store: Store, given: dict[str, Any], upsert: bool) -> Response:
    name = checked(given.get("name"), "name", check_name)
    if not name:
        raise Refusal(422, "name: a project needs a name")
    extra, description = _fields(given)
    start = checked(given.get("start_time"), "start_time", microseconds)
    wanted = checked(given.get("id"), "id", uuid_text)
    with store.writing() as connection:
        try:
            made = create(
                connection,
                name,
                now() if start is None else start,
                project_id=wanted,
                description=description,
                extra=extra,
            )
        except sqlite3.IntegrityError:
            row = store.project(name)
            if not upsert or row is None:
                raise Refusal(
                    409, f"Session with name {told(name)} or this id already exists"
                ) from None
            made = row["id"]
            _change(connection, made, description=description, extra=extra)
        return JSONResponse(_project(store, _row(connection, made)))


async def _update(request: Request) -> Response:
    given = await body.read_object(request)
    project_id = _id_of(request)
    return await state_of(request.app).write(_updated, project_id, given)


def _updated(store: Store, project_id: str, given: dict[str, Any]) -> Response:
    extra, description = _fields(given)
    name = checked(given.get("name"), "name", check_name)
    if name == "":
        raise Refusal(422, "name: a project needs a name")
    with store.writing() as connection:
        _row(connection, project_id)
        try:
            _change(connection, project_id, name=name, description=description, extra=extra)
        except sqlite3.IntegrityError:
            raise Refusal(409, f"Session with name {told(name)} already exists") from None
        return JSONResponse(_project(store, _row(connection, project_id)))


async def _delete(request: Request) -> Response:
    project_id = _id_of(request)
    state = state_of(request.app)
    response = await state.write(_deleted, project_id)
    # Who deletes a project wants its contents gone, and the requests that brought them have them.
    state.requests.drop_bodies()
    return response


def _deleted(store: Store, project_id: str) -> Response:
    with store.writing() as connection:
        name = _row(connection, project_id)["name"]
        runs = "(SELECT id FROM runs WHERE project_id = ?)"
        connection.execute(f"DELETE FROM attachments WHERE run_id IN {runs}", (project_id,))
        connection.execute(
            f"DELETE FROM feedback WHERE project_id = ? OR run_id IN {runs}",
            (project_id, project_id),
        )
        connection.execute(
            "DELETE FROM early_patches WHERE json_extract(body, '$[0].session_name') = ? "
            "OR json_extract(body, '$[0].session_id') = ?",
            (name, project_id),
        )
        connection.execute("DELETE FROM projects WHERE id = ?", (project_id,))
    store.erase()
    return JSONResponse({"message": "Session deleted"}, 202)


def _change(connection: sqlite3.Connection, project_id: str, **given: Any) -> None:
    sets = ", ".join(f"{key} = COALESCE(?, {key})" for key in given)
    connection.execute(f"UPDATE projects SET {sets} WHERE id = ?", (*given.values(), project_id))


def _row(connection: sqlite3.Connection, project_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM projects WHERE id = ?", (project_id,)
    ).fetchone()
    if row is None:
        raise Refusal(404, f"Session not found: {project_id}")
    return row


def _project(store: Store, row: sqlite3.Row, *, counted: bool = False) -> dict[str, Any]:
    project = {
        "id": row["id"],
        "tenant_id": store.tenant_id,
        "name": row["name"],
        "description": row["description"],
        "start_time": iso(row["start_time"]),
        "end_time": None,
        "extra": orjson.loads(row["extra"]) if row["extra"] else None,
        "default_dataset_id": None,
        "reference_dataset_id": None,
        "trace_tier": None,
    }
    if counted:
        project["run_count"], last = (
            store.connection()
            .execute(
                "SELECT count(*), max(start_time) FROM runs WHERE project_id = ?", (row["id"],)
            )
            .fetchone()
        )
        project["last_run_start_time"] = iso(last)
    return project


def _fields(given: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return what is given as extra, as JSON, and as description."""
    extra, description = given.get("extra"), given.get("description")
    if extra is not None and not isinstance(extra, dict):
        raise Refusal(422, "extra: must be an object")
    if description is not None and not isinstance(description, str):
        raise Refusal(422, "description: must be text")
    return checked(extra, "extra", json_text), description


def _id_of(request: Request) -> str:
    return _uuid(request.path_params["session_id"], "session_id")


def _uuid(value: str, name: str) -> str:
    try:
        return uuid_text(value)
    except ValueError:
        raise Refusal(422, f"{name}: not a valid UUID: {told(value)}") from None


ROUTES: list[Route] = [
    Route("/sessions", _list, methods=["GET"]),
    Route("/sessions", _create, methods=["POST"]),
    Route("/sessions/{session_id}", _retrieve, methods=["GET"]),
    Route("/sessions/{session_id}", _update, methods=["PATCH"]),
    Route("/sessions/{session_id}", _delete, methods=["DELETE"]),
]
