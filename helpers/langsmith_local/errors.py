"""Errors in the shapes that LangSmith's API gives them.

LangSmith's ingestion routes answer ``{"error": ...}``, its other v1 routes ``{"detail": ...}``,
which of a 422 is a list of what is wrong where (HTTPValidationError of the OpenAPI document), and
its v2 routes RFC 7807 problem details (``application/problem+json``).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse

from helpers.errors import TutorialError

__all__ = ["INGESTION", "Refusal", "detail", "ingests", "problem_details", "refuse"]

V2_PREFIXES = ("/api/v2/", "/v2/")
# The routes that take runs in; an address may have ``/api/v1`` before them.
INGESTION = ("/runs", "/runs/batch", "/runs/multipart")


class Refusal(TutorialError):
    """A request that the service refuses with ``status``; nothing of it was stored.

    ``key`` is the name of the JSON field that carries the message in v1 where runs are taken in;
    everywhere else it is ``detail``. ``field`` is the part of the request that is at fault.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        key: Literal["detail", "error"] = "detail",
        field: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.key = key
        self.field = field


def ingests(method: str, path: str) -> bool:
    """Whether this is where runs are taken in: these routes of v1 have errors of their own."""
    path = path.removeprefix("/api/v1")
    if method == "PATCH":
        return path.startswith("/runs/")
    return method == "POST" and path in INGESTION


def detail(status: int, message: str, *, key: str = "detail") -> JSONResponse:
    """Return a v1 error answer."""
    return JSONResponse({key: message}, status)


def problem_details(status: int, message: str) -> JSONResponse:
    """Return a v2 error answer: RFC 7807 with type, title, status and detail."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
    }
    return JSONResponse(content, status, media_type="application/problem+json")


def refuse(request: Request, error: Refusal) -> JSONResponse:
    """Answer a refusal in the shape that belongs to the request's route."""
    if request.url.path.startswith(V2_PREFIXES):
        answer = problem_details(error.status, error.message)
    elif error.key == "error" and ingests(request.method, request.url.path):
        answer = detail(error.status, error.message, key=error.key)
    elif error.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        wrong = {"loc": _place(request, error.field), "msg": error.message, "type": "value_error"}
        answer = JSONResponse({"detail": [wrong]}, error.status)
    else:
        answer = detail(error.status, error.message)
    if error.status == HTTPStatus.NOT_IMPLEMENTED:
        # It would be the same the next time, and the SDKs of v2 ask for a minute; they obey this.
        answer.headers["X-Should-Retry"] = "false"
    return answer


def _place(request: Request, field: str | None) -> list[str]:
    """Return where a field stands, as FastAPI names it: the part of the request, and its name."""
    if field in request.path_params:
        part = "path"
    elif request.method in ("GET", "DELETE") or field in request.query_params:
        part = "query"
    else:
        part = "body"
    return [part, field] if field else [part]
