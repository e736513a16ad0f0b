"""Ingestion: POST /runs, PATCH /runs/{id}, POST /runs/batch and POST /runs/multipart.

A run that LangSmith would refuse refuses the whole request, and nothing of it is stored: one
request is one transaction, or where it is a large multipart body, all of it is checked before the
first portion is stored. Sending the same again changes nothing (LiteLLM's synchronous callback
sends its whole queue each time), and an update may come before its run.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpers.langsmith_local import body, opinion
from helpers.langsmith_local.ingest import attachments, rules, usage
from helpers.langsmith_local.ingest.batch import Batch, batch_json, multipart
from helpers.langsmith_local.ingest.parts import parts
from helpers.langsmith_local.ingest.portions import portions, whole
from helpers.langsmith_local.ingest.write import Change, check_sessions, write
from helpers.langsmith_local.state import Portions, state_of
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import now
from helpers.serving.bounds import MULTIPART_SENT_BYTES, SENT_BYTES

__all__ = ["ROUTES", "ingest"]

ACCEPTED = 202
FEW = 20  # runs of a portion


def ingest(store: Store, batch: Batch) -> str:
    """Store a batch in one transaction; 404 when a ``session_id`` is no project.

    Returns the id of its first run, empty when it has none.
    """
    with store.writing() as connection:
        write(connection, batch.posts, batch.patches, batch.changed)
        connection.executemany(
            "INSERT OR REPLACE INTO attachments (run_id, name, mime_type, body) "
            "VALUES (?, ?, ?, ?)",
            batch.attachments,
        )
        for values in batch.feedback:
            opinion.insert(connection, values)
    return next((run["id"] for run, _ in (*batch.posts, *batch.patches)), "")


def _single(run_id: str | None) -> Callable[[Store, bytes], Batch]:
    return lambda store, content: _of_one(store, content, run_id)


def _of_one(store: Store, content: bytes, run_id: str | None) -> Batch:
    run = body.json_value(content, what="run JSON")
    at, post = ("patch", False) if run_id else ("post", True)
    if not isinstance(run, dict):
        raise rules.schema_error(at, "must be object")
    checked = rules.check_schema(run if post else run | {"id": run_id}, at=at, post=post)
    if not post:
        _refuse_another(store, checked)
    if post:
        _refuse_again(store, checked)
        _complete(store, checked)
    rules.check_order(checked, at=at, required=post)
    usage.check(checked, at=at)
    change: Change = (checked, rules.as_texts(checked, at=at))
    return Batch(posts=[change]) if post else Batch(patches=[change])


def _refuse_again(store: Store, run: dict[str, Any]) -> None:
    known = store.connection().execute("SELECT 1 FROM runs WHERE id = ?", (run.get("id"),))
    if known.fetchone():
        raise rules.already_received()


def _refuse_another(store: Store, run: dict[str, Any]) -> None:
    """Raise the 409 for a change of a run that was changed before, by a batch or by itself."""
    known = store.connection().execute(
        "SELECT 1 FROM changed_runs WHERE run_id = ? "
        "UNION ALL SELECT 1 FROM early_patches WHERE run_id = ?",
        (run["id"],) * 2,
    )
    if known.fetchone():
        raise rules.already_received()


def _complete(store: Store, run: dict[str, Any]) -> None:
    """Give a single run the ids that POST /runs lets its sender leave out."""
    run.setdefault("id", str(uuid.uuid4()))
    run.setdefault("start_time", now())
    if "dotted_order" in run:
        run.setdefault("trace_id", rules.segments(run["dotted_order"])[0].lower())
        return
    start, parent_id = run["start_time"], run.get("parent_run_id")
    above = ""
    if parent_id:
        parent = (
            store.connection()
            .execute("SELECT dotted_order, trace_id FROM runs WHERE id = ?", (parent_id,))
            .fetchone()
        )
        above = parent[0] if parent else rules.dotted_order(start, parent_id)  # the root, then
        run.setdefault("trace_id", parent[1] if parent else parent_id)
    run.setdefault("trace_id", run["id"])
    run["dotted_order"] = rules.dotted_order(start, run["id"], parent=above)


def _batch(_: Store, content: bytes) -> Batch:
    return batch_json(body.json_value(content))


def _check(store: Store, batch: Batch) -> None:
    """Raise the 404 of ``ingest``, and store nothing."""
    check_sessions(store.connection(), [*batch.posts, *batch.patches])


def _few(batch: Batch) -> bool:
    """Whether its runs are large, since a portion has so few of them."""
    return len(batch.posts) + len(batch.patches) + len(batch.changed) <= FEW


async def _post_run(request: Request) -> Response:
    return _accepted("Run created", id=await _in_turn(request, _single(None)))


async def _patch_run(request: Request) -> Response:
    run_id = await _in_turn(request, _single(request.path_params["run_id"]))
    return _accepted("Run updated", id=run_id)


async def _post_batch(request: Request) -> Response:
    await _in_turn(request, _batch)
    return _accepted("Runs batch ingested")


async def _post_multipart(request: Request) -> Response:
    kind = request.headers.get("content-type", "")
    portioned = Portions(lambda pieces: map(multipart, portions(parts(pieces, kind))), _check, _few)
    await _in_turn(request, lambda _, content: multipart(whole(content, kind)), portioned)
    return _accepted("Runs batch ingested")


async def _in_turn(
    request: Request,
    reading: Callable[[Store, bytes], Batch],
    portioned: Portions[Batch] | None = None,
) -> str:
    """Store what a request brings when its turn comes; return the id of its first run, if any."""
    sent = await body.read(request, limit=MULTIPART_SENT_BYTES if portioned else SENT_BYTES)
    encoding = request.headers.get("content-encoding", "")
    return await state_of(request.app).take(sent, encoding, reading, ingest, portioned)


def _accepted(message: str, **more: str) -> Response:
    return JSONResponse({"message": message, **more}, ACCEPTED)


ROUTES: list[Route] = [
    Route("/runs/multipart", _post_multipart, methods=["POST"]),
    Route("/runs/batch", _post_batch, methods=["POST"]),
    Route("/runs", _post_run, methods=["POST"]),
    Route("/runs/{run_id}", _patch_run, methods=["PATCH"]),
    *attachments.ROUTES,
]
