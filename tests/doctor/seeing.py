"""What the doctor's tests share."""

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from helpers.doctor.report import Check

HERE = "http://127.0.0.1:5"
CLOUD = "https://api.smith.langchain.com"


def statuses(found: Iterable[Check]) -> dict[str, str]:
    """Return what was found, by name."""
    return {check.name: check.status for check in found}


def answering(status: int) -> Starlette:
    """Return a service that answers what the doctor asks with ``status``."""

    async def answer(request: Request) -> Response:
        return Response(status_code=status)

    return Starlette(routes=[Route("/v1/models", answer), Route("/info", answer)])
