"""What bad requests are made of: each builder returns a method, a path and options of a client."""

from __future__ import annotations

import json
from typing import Any

from tests.faults.readers import run

__all__ = ["Sent", "attachment", "batch", "get", "multipart", "nested", "post"]

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
