"""The parts of a multipart body, as LangSmith's SDKs send runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpers.langsmith_local.body import too_heavy, too_large
from helpers.langsmith_local.errors import Refusal
from helpers.serving.bounds import JSON_BYTES, PARTS
from helpers.serving.weight import light, weight

__all__ = ["Part", "parts"]

#: Name, content type and content. There are ten a run, so it is no class.
Part = tuple[str, str, bytes]

MOST_DIGITS = 12  # of a length; a body of a terabyte is not taken

_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
# The headers as both SDKs write them, matched in one step.
_COMMON_HEAD = re.compile(
    rb'\r\ncontent-disposition: form-data; name="([^"\r\n]*)"(?:; filename="[^"\r\n]*")?'
    rb"\r\ncontent-type: ([^;\r\n]*)(?:; length=(\d+)|\r\ncontent-length: (\d+))\r\n\r\n",
    re.IGNORECASE,
)
_NAME = re.compile(rb'[;\s]name="([^"]*)"')
_TYPE = re.compile(rb"^content-type:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_LENGTH = re.compile(
    rb"(?:^content-length:[ \t]*|;[ \t]*length=)(\d+)", re.IGNORECASE | re.MULTILINE
)


def parts(body: bytes, content_type: str) -> Iterator[Part]:
    """Yield the parts of a ``multipart/form-data`` body; 400 or 422 when it is malformed.

    As LangSmith asks, each part has a ``Content-Type`` and its length, either in
    ``Content-Length`` or in a ``length`` parameter, and no ``Content-Encoding``. 413 when there
    are too many of them, or their JSON would take too much memory.
    """
    # Most bodies are light beyond doubt, and their parts need no look.
    weighing, taken = not light(body, JSON_BYTES, copies=2), 0
    for number, part in enumerate(_parts(body, content_type), start=1):
        if number > PARTS:
            raise too_large(f"at most {PARTS} parts are taken")
        if weighing:
            name, _, content = part
            attached = name.startswith("attachment.")
            taken += len(content) if attached else weight(content, copies=2)
            if taken > JSON_BYTES:
                raise too_heavy()
        yield part


def _parts(body: bytes, content_type: str) -> Iterator[Part]:
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or not found:
        raise Refusal(400, "Bad request: expected multipart/form-data with a boundary", key="error")
    first = b"--" + (found[1] or found[2]).encode("latin-1")
    delimiter = b"\r\n" + first
    at = len(first)
    if not body.startswith(first):
        raise Refusal(400, "Bad request: multipart: the body has no such boundary", key="error")
    kinds: dict[bytes, str] = {}
    # Lengths are required, so contents are stepped over and not searched.
    while not body.startswith(b"--", at):
        match = _COMMON_HEAD.match(body, at)
        if match:
            name, kind, length, more = match.groups()
            start, length = match.end(), length or more
        else:
            name, kind, length, start = _head(body, at)
        if len(length) > MOST_DIGITS:
            raise _bad_part(_text(name), f"its length has more than {MOST_DIGITS} digits")
        end = start + int(length)
        if not body.startswith(delimiter, end):
            raise _bad_part(_text(name), f"does not end after its {int(length)} bytes")
        if kind not in kinds:
            kinds[kind] = kind.decode("latin-1").strip()
        yield name.decode("utf-8", "replace"), kinds[kind], body[start:end]
        at = end + len(delimiter)


def _head(body: bytes, at: int) -> tuple[bytes, bytes, bytes, int]:
    """Return name, type, length and the start of the content, of a part with unusual headers."""
    blank = body.find(b"\r\n\r\n", at)
    head = body[at:blank]
    name, kind, length = _NAME.search(head), _TYPE.search(head), _LENGTH.search(head)
    if blank < 0 or not name:
        raise Refusal(400, "Bad request: multipart: the body is cut off", key="error")
    if not kind or not length:
        why = "needs a Content-Type and a Content-Length or a length parameter"
        raise _bad_part(_text(name[1]), why)
    if b"content-encoding:" in head.lower():
        raise _bad_part(_text(name[1]), "Content-Encoding is not allowed on a part")
    return name[1], kind[1].partition(b";")[0], length[1], blank + 4


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _bad_part(name: str, why: str) -> Refusal:
    return Refusal(422, f"Unprocessable entity: multipart part {name}: {why}", key="error")
