"""What a browser is told of a request that is refused: a page, where it asked for one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from helpers.langsmith_local.errors import Refusal, refuse
from helpers.langsmith_local.pages.addresses import Links
from helpers.langsmith_local.pages.rendering import HEADERS, rendered
from helpers.langsmith_local.parameters import asked_path
from helpers.langsmith_local.state import state_of

__all__ = ["told"]

TITLES = {
    404: "Not found",
    405: "Pages are for looking",
    500: "The service failed",
    501: "There is no such page",
    503: "The traces cannot be read now",
    507: "The traces cannot be read",
}
#: In place of the list of all routes, which is for programs.
NO_PAGE = (
    "No page has this address. There are pages of projects, of traces and their runs, of threads, "
    "and of two runs compared; LangSmith itself has more."
)


def told(request: Request, error: Refusal) -> Response:
    """Answer a refusal: by a page at a page's address, if HTML is asked for, else by JSON."""
    path, state = request.scope["path"], state_of(request.app)
    if not (state.door.is_page(path) and "text/html" in request.headers.get("accept", "")):
        return refuse(request, error)
    links = Links(asked_path(request), state.store.tenant_id)
    title = TITLES.get(error.status, "This cannot be read")
    why = NO_PAGE if error.status == 501 else error.message
    page = rendered("missing.html", links=links, why=why, title=title)
    return HTMLResponse(page, error.status, HEADERS)
