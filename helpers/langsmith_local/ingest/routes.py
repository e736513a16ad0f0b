"""Ingestion: POST /runs, PATCH /runs/{id}, POST /runs/batch and POST /runs/multipart.

One request is one transaction: a run that LangSmith would refuse refuses the whole request, and
nothing of it is stored. Sending the same again changes nothing (LiteLLM's synchronous callback
sends its whole queue each time), and an update may come before its run.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpers.langsmith_local import body, opinion
from helpers.langsmith_local.ids import uuid_text
from helpers.langsmith_local.ingest import attachments, opinions, rules, usage
from helpers.langsmith_local.ingest.parts import Part, parts
from helpers.langsmith_local.ingest.write import Change, write
from helpers.langsmith_local.state import state_of
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import now
from helpers.langsmith_local.values import check_depth
from helpers.serving.bounds import RUNS

__all__ = ["Batch", "batch_json", "ingest", "multipart", "ROUTES"]

ACCEPTED = 202
_EVENTS = ("post.", "patch.")
_APART = ("inputs", "outputs", "events", "extra", "error", "serialized")


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request brings, checked."""

    posts: list[Change] = field(default_factory=list)
    patches: list[Change] = field(default_factory=list)
    attachments: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    feedback: list[dict[str, Any]] = field(default_factory=list)


def ingest(store: Store, batch: Batch) -> str:
    """Store a batch in one transaction; 404 when a ``session_id`` is no project.

    Returns the id of its first run, empty when it has none.
    """
    with store.writing() as connection:
        write(connection, batch.posts, batch.patches)
        connection.executemany(
            "INSERT OR REPLACE INTO attachments (run_id, name, mime_type, body) "
            "VALUES (?, ?, ?, ?)",
            batch.attachments,
        )
        for values in batch.feedback:
            opinion.insert(connection, values)
    return next((run["id"] for run, _ in (*batch.posts, *batch.patches)), "")


def batch_json(value: Any) -> Batch:
    """Return the checked batch of a POST /runs/batch body ``{"post": [...], "patch": [...]}``."""
    if not isinstance(value, dict):
        raise rules.schema_error("body", "must be object")
    batch = Batch()
    lists = [runs for runs in map(value.get, ("post", "patch")) if isinstance(runs, list)]
    if sum(map(len, lists)) > RUNS:
        raise body.too_large(f"at most {RUNS} runs are taken")
    for event, runs in (("post", batch.posts), ("patch", batch.patches)):
        given = [] if value.get(event) is None else value[event]
        if not isinstance(given, list):
            raise rules.schema_error(event, "must be array")
        for index, run in enumerate(given):
            if not isinstance(run, dict):
                raise rules.schema_error(f"{event}.{index}", "must be object")
            runs.append(_checked(run, {}, at=f"{event}.{index}", post=event == "post"))
    return batch


def multipart(given: Iterable[Part]) -> Batch:
    """Return the checked batch of a POST /runs/multipart body.

    Part names are ``post|patch.<run id>[.<field>]``, ``attachment.<run id>.<name>`` and
    ``feedback.<id>`` (LangSmith's OpenAPI document).
    """
    batch = Batch()
    changes: dict[str, Change] = {}
    # Runs of one program repeat themselves (``extra.runtime``, ``{}``): equal bytes are read once.
    seen: dict[bytes, tuple[Any, str]] = {}
    for name, kind, content in given:
        key, _, field_name = name.rpartition(".")
        if field_name in _APART and key.startswith(_EVENTS):
            if content not in seen:
                seen[content] = _value(name, content), content.decode()
            run, texts = changes.get(key) or changes.setdefault(key, ({}, {}))
            run[field_name], text = seen[content]
            if field_name != "error":
                texts[field_name] = text
        elif key in ("post", "patch"):
            run, _ = changes.setdefault(name, ({}, {}))
            run.update({"id": field_name} | _object(name, content))
        else:
            _add_other(batch, name, kind, content)
    for key, (run, texts) in changes.items():
        if "id" not in run:
            raise rules.schema_error(key, "missing part")
        post = key.startswith("post")
        change = _checked(run, texts, at=key, post=post)
        (batch.posts if post else batch.patches).append(change)
    return batch


def _add_other(batch: Batch, name: str, kind: str, content: bytes) -> None:
    event, _, rest = name.partition(".")
    its_id, _, title = rest.partition(".")
    if event == "attachment" and title:
        attachments.check(title, kind)
        batch.attachments.append((_uuid(its_id, name), title, kind, content))
    elif event == "feedback" and its_id:
        batch.feedback.append(opinions.columns(_object(name, content), at=name))
    else:
        raise rules.schema_error(name, "unknown part")


def _checked(run: dict[str, Any], texts: dict[str, str], *, at: str, post: bool) -> Change:
    checked = rules.check_schema(run, at=at, post=post)
    rules.check_order(checked, at=at, required=True)
    usage.check(checked, at=at)
    inline = {key: value for key, value in checked.items() if key not in texts}
    return checked, {**rules.as_texts(inline, at=at), **texts}


def _single(store: Store, content: bytes, run_id: str | None) -> Batch:
    run = body.json_value(content, what="run JSON")
    at, post = ("patch", False) if run_id else ("post", True)
    if not isinstance(run, dict):
        raise rules.schema_error(at, "must be object")
    checked = rules.check_schema(run if post else run | {"id": run_id}, at=at, post=post)
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


def _multipart(_: Store, content: bytes, content_type: str) -> Batch:
    return multipart(parts(content, content_type))


async def _post_run(request: Request) -> Response:
    return _accepted("Run created", id=await _in_turn(request, _single, None))


async def _patch_run(request: Request) -> Response:
    run_id = await _in_turn(request, _single, request.path_params["run_id"])
    return _accepted("Run updated", id=run_id)


async def _post_batch(request: Request) -> Response:
    await _in_turn(request, _batch)
    return _accepted("Runs batch ingested")


async def _post_multipart(request: Request) -> Response:
    await _in_turn(request, _multipart, request.headers.get("content-type", ""))
    return _accepted("Runs batch ingested")


async def _in_turn(request: Request, reading: Callable[..., Batch], *more: Any) -> str:
    """Store what a request brings when its turn comes; return the id of its first run, if any."""
    sent, encoding = await body.read(request), request.headers.get("content-encoding", "")
    return await state_of(request.app).take(
        sent, encoding, lambda store, content: reading(store, content, *more), ingest
    )


def _value(name: str, content: bytes) -> Any:
    try:
        check_depth(content)
    except ValueError as error:
        raise rules.schema_error(name, str(error)) from None
    try:
        return orjson.loads(content)  # parts() has weighed it
    except orjson.JSONDecodeError:
        return body.json_value(content, what=f"JSON in part {name}")


def _object(name: str, content: bytes) -> dict[str, Any]:
    value = _value(name, content)
    if not isinstance(value, dict):
        raise rules.schema_error(name, "must be object")
    return value


def _uuid(text: str, name: str) -> str:
    try:
        return uuid_text(text)
    except ValueError:
        raise rules.schema_error(name, "must have the id of a run") from None


def _accepted(message: str, **more: str) -> Response:
    return JSONResponse({"message": message, **more}, ACCEPTED)


ROUTES: list[Route] = [
    Route("/runs/multipart", _post_multipart, methods=["POST"]),
    Route("/runs/batch", _post_batch, methods=["POST"]),
    Route("/runs", _post_run, methods=["POST"]),
    Route("/runs/{run_id}", _patch_run, methods=["PATCH"]),
    *attachments.ROUTES,
]
