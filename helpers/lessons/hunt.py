"""Search for a text in all that LangSmith holds of a project, and in the bytes that brought it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from helpers import traces
from helpers.lessons import wire
from helpers.traces import Run
from helpers.view.table import Table, table

__all__ = ["places", "requests_with", "search"]

FIELDS = ("name", "inputs", "outputs", "error", "metadata", "tags", "feedback")
MOST = 1000  # runs of a project


def search(text: str, *, project: str, count: int | None = None) -> Table:
    """Return where the runs of ``project`` hold ``text``, and how many of them, as a table.

    The runs are read back whole and searched here, so that LangSmith is not asked for ``text``: a
    query is a request like any other. The last row counts the requests with ``text`` among those
    that brought the runs, as the service on this machine received them; for LangSmith's own it
    says ``not seen``. It waits as ``traces.query`` does, with ``count`` until so many runs can be
    read: raises ``ReadError`` when there are fewer. Where none can be read, nothing was searched,
    and that is what it says.
    """
    runs = traces.query(project=project, limit=MOST, count=count)
    found = Counter(place for run in runs for place in places(run, text))
    rows = [[place, f"{often} of {len(runs)} runs"] for place, often in sorted(found.items())]
    if not rows:
        rows = [["nowhere", f"0 of {len(runs)} runs"]] if runs else [["no run is there", "0 runs"]]
    return table(
        [*rows, ["the bytes received", requests_with(runs, text)]], ["found in", "how often"]
    )


def places(run: Run, text: str) -> set[str]:
    """Return the paths of the values of ``run`` that hold ``text``, such as ``inputs.messages``.

    Positions in lists are left out.
    """
    return {
        path
        for name in FIELDS
        for path, value in _leaves(getattr(run, name), name)
        if text in path or text in str(value)
    }


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, within in value.items():
            yield from _leaves(within, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for within in value:
            yield from _leaves(within, path)
    else:
        yield path, value


def requests_with(runs: list[Run], text: str) -> str:
    """Return how many of the requests that brought ``runs`` hold ``text``, or ``not seen``."""
    requests = wire.arrived()
    if requests is None:
        return "not seen"
    ids = [run.id.encode() for run in runs]
    bodies = [request.body for request in requests]
    brought = [body for body in bodies if any(run_id in body for run_id in ids)]
    hits = sum(text.encode() in body for body in brought)
    return f"{hits} of {len(brought)} requests"
