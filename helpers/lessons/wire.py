"""How many bytes a run was on its way to LangSmith."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers import session

if TYPE_CHECKING:
    from helpers.langsmith_local.received import Received
    from helpers.traces import Run

__all__ = ["arrived", "size"]


def size(run: Run, *, unpacked: bool = False) -> str:
    """Return the size of the requests that brought ``run``, such as ``13.7 kB``.

    It is that of the bodies as they came, or without compression if ``unpacked``. A body that
    brought several runs counts in full. Only the service on this machine sees what arrives:
    ``not seen`` says that the run went to LangSmith itself, or that the service has forgotten.
    """
    found = [
        len(request.body) if unpacked else request.size
        for request in arrived() or ()
        if run.id.encode() in request.body
    ]
    return f"{sum(found) / 1000:.1f} kB" if found else "not seen"


def arrived() -> list[Received] | None:
    """Return the requests that brought runs to the service on this machine, oldest first.

    None when this process has no such service: no session runs, or everything is live.
    """
    running = session.current()
    if running is None or running.app is None:
        return None
    from helpers import services
    from helpers.langsmith_local.received import INGESTION

    return [
        request
        for request in services.state_of(running.app).langsmith.requests
        if request.method == "POST" and request.path.endswith(INGESTION)
    ]
