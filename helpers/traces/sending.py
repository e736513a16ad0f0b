"""What the SDK of this process has sent, seen as its requests are answered.

A client of LangSmith's SDK sends with a ``requests.Session``, whose ``hooks`` are there for others
to look on; no library is changed. Only the clients that ``watch`` was given are seen, and only from
then on.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import requests
    from langsmith import Client

__all__ = ["Sent", "forget", "sent", "watch"]

#: The traces that were sent to a project and not read back yet: the runs of each, by trace id.
Sent = dict[str, set[str]]

_watched: weakref.WeakSet[Any] = weakref.WeakSet()
_sent: dict[str, Sent] = {}
_names: dict[str, str] = {}  # of root runs
_lock = threading.Lock()


def watch(client: Client) -> bool:
    """Look on what ``client`` sends from now on; return whether that was so before."""
    with _lock:
        if client.session in _watched:
            return True
        _watched.add(client.session)
    client.session.hooks["response"].append(_note)
    return False


def sent(project: str, name: str | None) -> Sent:
    """Return what was sent to ``project`` and not forgotten, of traces called ``name`` (None: all).

    Traces whose root has been sent by somebody else are not among them.
    """
    with _lock:
        return {
            trace: set(runs)
            for trace, runs in _sent.get(project, {}).items()
            if trace in _names and name in (None, _names[trace])
        }


def forget(project: str, traces: Sent) -> None:
    """Take ``traces`` for read."""
    with _lock:
        for trace in traces:
            _sent.get(project, {}).pop(trace, None)
            _names.pop(trace, None)


def _note(response: requests.Response, *_: Any, **__: Any) -> None:
    if not response.ok or response.request.method != "POST":
        return
    try:
        posted = [run for run in _posted(response.request) if {"id", "trace_id"} <= run.keys()]
    except Exception:  # what is not understood is sent all the same, and waited for as unknown
        return
    with _lock:
        for run in posted:
            runs = _sent.setdefault(run.get("session_name") or "default", {})
            runs.setdefault(run["trace_id"], set()).add(run["id"])
            if not run.get("parent_run_id"):
                _names[run["trace_id"]] = run.get("name") or ""


def _posted(request: requests.PreparedRequest) -> Iterator[dict[str, Any]]:
    """Yield the runs that a request has begun."""
    import orjson

    from helpers.langsmith_local.body import decode
    from helpers.langsmith_local.ingest.parts import parts
    from helpers.langsmith_local.received import INGESTION

    if not (request.url or "").endswith(INGESTION):
        return
    body: Any = request.body
    raw = body if isinstance(body, bytes) else body.getvalue()
    content = decode(raw, str(request.headers.get("Content-Encoding", "")))
    kind = str(request.headers.get("Content-Type", ""))
    if not kind.startswith("multipart/"):
        sent = orjson.loads(content)
        yield from (sent.get("post") or [] if str(request.url).endswith("/batch") else [sent])
        return
    for name, _, part in parts(content, kind):
        if name.startswith("post.") and name.count(".") == 1:
            yield {"id": name.partition(".")[2], **orjson.loads(part)}
