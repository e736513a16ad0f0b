"""How many bytes a run was on its way to LangSmith."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers import session

if TYPE_CHECKING:
    from helpers.traces import Run

__all__ = ["size"]

INGESTION = ("/runs/multipart", "/runs/batch", "/runs")


def size(run: Run, *, unpacked: bool = False) -> str:
    """Return the size of the requests that brought ``run``, such as ``13.7 kB``.

    It is that of the bodies as they came, or without compression if ``unpacked``. A body that
    brought several runs counts in full. Only the service on this machine sees what arrives:
    ``not seen`` says that the run went to LangSmith itself, or that the service has forgotten.
    """
    running = session.current()
    app = running.app if running else None
    langsmith = getattr(app.state, "langsmith", None) if app else None
    requests = langsmith.state.requests if langsmith else ()
    found = [
        len(request.body) if unpacked else request.size
        for request in requests
        if request.method == "POST"
        and request.path.endswith(INGESTION)
        and run.id.encode() in request.body
    ]
    return f"{sum(found) / 1000:.1f} kB" if found else "not seen"
