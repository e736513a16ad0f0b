"""Attachments: what their names and types may be, and the route that gives them back."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ids import uuid_text
from helpers.langsmith_local.ingest.rules import schema_error
from helpers.langsmith_local.state import state_of
from helpers.langsmith_local.values import check_name, told

__all__ = ["ROUTES", "check"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TYPE = re.compile(r"[!-~]{1,127}")  # ASCII without blanks, as in a header


def check(title: str, kind: str) -> None:
    """Raise the 422 for a name or type that cannot be part of an address or a header."""
    at = f"attachment {told(title)}"
    try:
        check_name(title)
    except ValueError as error:
        raise schema_error(at, f"its name {error}") from None
    if _CONTROL.search(title) or title in (".", ".."):
        raise schema_error(at, "its name must not be . or .. or hold control characters")
    if not _TYPE.fullmatch(kind):
        raise schema_error(at, f"its type must be like image/png, not {told(kind)}")


def _attachment(request: Request) -> Response:
    try:
        run_id = uuid_text(request.path_params["run_id"])
    except ValueError:
        raise Refusal(422, "run_id: not a valid UUID") from None
    row = (
        state_of(request.app)
        .store.connection()
        .execute(
            "SELECT mime_type, body FROM attachments WHERE run_id = ? AND name = ?",
            (run_id, request.path_params["name"]),
        )
        .fetchone()
    )
    if row is None:
        raise Refusal(404, "Attachment not found")
    # A learner's browser must not run what a trace brought along.
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(row["body"], media_type=row["mime_type"], headers=headers)


ROUTES: list[Route] = [
    Route("/attachments/{run_id}/{name:path}", _attachment, methods=["GET"]),
]
