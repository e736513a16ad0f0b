"""Errors in the shapes that LangSmith's API gives them.

LangSmith's ingestion routes answer ``{"error": ...}``, its other v1 routes ``{"detail": ...}``,
and its v2 routes RFC 7807 problem details (``application/problem+json``).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse

from helpers.errors import TutorialError

__all__ = ["Refusal", "detail", "problem_details", "refuse"]

V2_PREFIXES = ("/api/v2/", "/v2/")


class Refusal(TutorialError):
    """A request that the service refuses with ``status``; nothing of it was stored.

    ``key`` is the name of the JSON field that carries the message in v1.
    """

    def __init__(
        self, status: int, message: str, *, key: Literal["detail", "error"] = "detail"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.key = key


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
        return problem_details(error.status, error.message)
    return detail(error.status, error.message, key=error.key)
