"""Bad requests, and that each is refused: a builder returns a method, a path and options."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.testclient import TestClient

from helpers.testing.faults import case
from tests.faults.readers import run, unread

__all__ = ["Sent", "assert_refused", "attachment", "batch", "get", "multipart", "nested", "post"]
__all__ += ["refusals"]

#: The arguments of ``TestClient.request``.
Sent = tuple[str, str, dict[str, Any]]

_MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}
_RUN = "aaaaaaaa-0000-4000-8000-000000000001"


def get(path: str, **params: Any) -> Sent:
    """Return a GET with a query string."""
    return "GET", path, {"params": params} if params else {}


def post(path: str, body: Any) -> Sent:
    """Return a POST of JSON; text is sent as it is."""
    text = body if isinstance(body, str) else json.dumps(body)
    return "POST", path, {"content": text.encode(), "headers": {"Content-Type": "application/json"}}


def batch(**fields: Any) -> Sent:
    """Return a batch with one good run, ``fields`` in place of its own."""
    return post("/runs/batch", {"post": [run(**fields)]})


def multipart(name: str, content: str, kind: str = "application/json", length: str = "") -> Sent:
    """Return a multipart body of one part."""
    length = length or str(len(content.encode()))
    head = f'Content-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}; length={length}'
    body = f"--b\r\n{head}\r\n\r\n{content}\r\n--b--\r\n".encode()
    return "POST", "/runs/multipart", {"content": body, "headers": _MULTIPART}


def attachment(title: str, kind: str = "image/png") -> Sent:
    """Return a multipart body with one attachment."""
    return multipart(f"attachment.{_RUN}.{title}", "abc", kind)


def nested(depth: int) -> Any:
    """Return an object that nests so deep."""
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


def refusals(broken: Mapping[str, tuple[Sent, str]]) -> list[Any]:
    """Return a row for each: what is broken, its request, and what the refusal must name."""
    return [
        case(*row, broken=what, holds=f"a 4xx names {row[1]}, and the project reads")
        for what, row in broken.items()
    ]


def assert_refused(client: TestClient, sent: Sent, named: str) -> None:
    """Send it: a 4xx must name what is wrong, and everything that was stored must read."""
    method, path, options = sent
    answer = client.request(method, path, **options)
    assert 400 <= answer.status_code < 500, answer.text[:500]
    assert named in " ".join(map(str, answer.json().values())), answer.text[:500]
    assert unread(client) == []
