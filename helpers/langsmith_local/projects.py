"""Projects, which the API calls sessions (tracer sessions): made, changed and deleted."""

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
from helpers.langsmith_local.parameters import checked, truth, unserved
from helpers.langsmith_local.state import state_of
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import iso, microseconds, naive, now
from helpers.langsmith_local.values import check_name, json_text, told

__all__ = ["DEFAULT", "create", "ensure", "id_of", "row_of", "ROUTES", "shown", "start_by"]

DEFAULT = "default"  # where runs go that name no project; every workspace has it
# What LangSmith keeps of a project and would be ignored here.
UNSERVED = {
    "default_dataset_id": "it has no datasets",
    "reference_dataset_id": "it has no datasets",
    "trace_tier": "it keeps all traces",
    "tag_value_ids": "it has no tags of projects",
}


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
    **fields: str | int | None,
) -> str:
    """Insert a project and return its id; ``sqlite3.IntegrityError`` when name or id is taken.

    ``fields`` are more columns: ``description``, ``extra`` (JSON), ``end_time``.
    """
    project_id = project_id or str(uuid.uuid4())
    connection.execute(
        f"INSERT INTO projects ({', '.join(('id', 'name', 'start_time', *fields))}) "
        f"VALUES (?, ?, ?{', ?' * len(fields)})",
        (project_id, name, start_time, *fields.values()),
    )
    return project_id


async def _create(request: Request) -> Response:
    given = await body.read_object(request)
    upsert = truth(request.query_params.get("upsert"), "upsert") is True
    return await state_of(request.app).write(_created, given, upsert)


def _created(store: Store, given: dict[str, Any], upsert: bool) -> Response:
    name = checked(given.get("name"), "name", check_name)
    if not name:
        raise Refusal(422, "name: a project needs a name", field="name")
    fields = _fields(given)
    start = checked(given.get("start_time"), "start_time", microseconds)
    wanted = checked(given.get("id"), "id", uuid_text)
    with store.writing() as connection:
        try:
            start = now() if start is None else start
            made = create(connection, name, start, project_id=wanted, **fields)
        except sqlite3.IntegrityError:
            row = store.project(name)
            if not upsert or row is None:
                raise Refusal(
                    409, f"Session with name {told(name)} or this id already exists"
                ) from None
            made = row["id"]
            _change(connection, made, **fields)
        return JSONResponse(shown(store, row_of(connection, made)))


async def _update(request: Request) -> Response:
    given = await body.read_object(request)
    project_id = id_of(request)
    return await state_of(request.app).write(_updated, project_id, given)


def _updated(store: Store, project_id: str, given: dict[str, Any]) -> Response:
    fields = _fields(given)
    name = checked(given.get("name"), "name", check_name)
    if name == "":
        raise Refusal(422, "name: a project needs a name", field="name")
    with store.writing() as connection:
        row_of(connection, project_id)
        try:
            _change(connection, project_id, name=name, **fields)
        except sqlite3.IntegrityError:
            raise Refusal(409, f"Session with name {told(name)} already exists") from None
        return JSONResponse(shown(store, row_of(connection, project_id)))


async def _delete(request: Request) -> Response:
    project_id = id_of(request)
    state = state_of(request.app)
    response = await state.write(_deleted, project_id)
    # Who deletes a project wants its contents gone, and the requests that brought them have them.
    state.requests.drop_bodies()
    return response


def _deleted(store: Store, project_id: str) -> Response:
    with store.writing() as connection:
        name = row_of(connection, project_id)["name"]
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
    return JSONResponse({"message": "Session deleted"})


def _change(connection: sqlite3.Connection, project_id: str, **given: Any) -> None:
    sets = ", ".join(f"{key} = COALESCE(?, {key})" for key in given)
    connection.execute(f"UPDATE projects SET {sets} WHERE id = ?", (*given.values(), project_id))


def row_of(connection: sqlite3.Connection, project_id: str) -> sqlite3.Row:
    """Return the row of a project; 404 when there is no such project."""
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM projects WHERE id = ?", (project_id,)
    ).fetchone()
    if row is None:
        raise Refusal(404, f"Session not found: {project_id}")
    return row


def shown(store: Store, row: sqlite3.Row) -> dict[str, Any]:
    """Return TracerSessionWithoutVirtualFields of LangSmith's OpenAPI document.

    Its start has no offset and its end has one, as in the sample of LangSmith's documentation.
    """
    return {
        "id": row["id"],
        "tenant_id": store.tenant_id,
        "name": row["name"],
        "description": row["description"],
        "start_time": naive(row["start_time"]),
        "end_time": iso(row["end_time"]),
        "extra": orjson.loads(row["extra"]) if row["extra"] else None,
        "default_dataset_id": None,
        "reference_dataset_id": None,
        "trace_tier": None,
    }


def id_of(request: Request) -> str:
    """Return the id in a request's path; 422 when it is none."""
    try:
        return uuid_text(request.path_params["session_id"])
    except ValueError:
        given = told(request.path_params["session_id"])
        said = f"session_id: not a valid UUID: {given}"
        raise Refusal(422, said, field="session_id") from None


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    """Return what can be given at any time, as values of columns; None leaves one as it is."""
    unserved(given, UNSERVED)
    extra, description = given.get("extra"), given.get("description")
    if extra is not None and not isinstance(extra, dict):
        raise Refusal(422, "extra: must be an object", field="extra")
    if description is not None and not isinstance(description, str):
        raise Refusal(422, "description: must be text", field="description")
    return {
        "description": description,
        "extra": checked(extra, "extra", json_text),
        "end_time": checked(given.get("end_time"), "end_time", microseconds),
    }


ROUTES: list[Route] = [
    Route("/sessions", _create, methods=["POST"]),
    Route("/sessions/{session_id}", _update, methods=["PATCH"]),
    Route("/sessions/{session_id}", _delete, methods=["DELETE"]),
]
