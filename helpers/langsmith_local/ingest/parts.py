"""The parts of a multipart body, as LangSmith's SDKs send runs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from helpers.langsmith_local.body import too_large
from helpers.langsmith_local.errors import Refusal
from helpers.serving.bounds import DECODED_BYTES, HEADER_BYTES, PARTS

__all__ = ["Part", "parts"]

#: Name, content type and content. There are ten a run, so it is no class.
Part = tuple[str, str, bytes]

MOST_DIGITS = 12  # of a length; a body of a terabyte is not taken
AHEAD = 4096  # bytes in which most heads end
LARGE = 64 * 1024  # bytes of a content that is not kept twice
SHORT = 256  # bytes of a head that is known again

_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_BEGIN = b'\r\nContent-Disposition: form-data; name="'
# The headers as both SDKs write them, matched in one step.
_COMMON_HEAD = re.compile(
    rb'\r\ncontent-disposition: form-data; name="([^"\r\n]*)"(?:; filename="[^"\r\n]*")?'
    rb"\r\ncontent-type: ([^;\r\n]*)(?:; length=|\r\ncontent-length: )(\d+)\r\n\r\n",
    re.IGNORECASE,
)
_NAME = re.compile(rb'[;\s]name="([^"]*)"')
_TYPE = re.compile(rb"^content-type:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_LENGTH = re.compile(
    rb"(?:^content-length:[ \t]*|;[ \t]*length=)(\d+)", re.IGNORECASE | re.MULTILINE
)


def parts(body: bytes | Iterable[bytes], content_type: str) -> Iterator[Part]:
    """Yield the parts of a ``multipart/form-data`` body; 400 or 422 when it is malformed.

    The body may come in pieces, of which no more is held than the part that is read. As LangSmith
    asks, each part has a ``Content-Type`` and its length, either in ``Content-Length`` or in a
    ``length`` parameter, and no ``Content-Encoding``. 413 when there are too many of them, or one
    is too large.
    """
    pieces = iter((body,) if isinstance(body, bytes) else body)
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or not found:
        raise Refusal(400, "Bad request: expected multipart/form-data with a boundary", key="error")
    first = b"--" + (found[1] or found[2]).encode("latin-1")
    delimiter = b"\r\n" + first
    at, step = len(first), len(delimiter)
    body = _filled(b"", pieces, AHEAD)
    near = len(body) - AHEAD
    if not body.startswith(first):
        raise Refusal(400, "Bad request: multipart: the body has no such boundary", key="error")
    heads: dict[bytes, tuple[str, int]] = {}
    # Lengths are required, so contents are stepped over and not searched.
    for number in itertools.count(1):
        if at > near:  # the end of what there is
            body, at = _filled(body[at:], pieces, AHEAD), 0
            near = len(body) - AHEAD
        # After their names most heads are like one before: type and length.
        begin = at + len(_BEGIN)
        named = body.find(b'"', begin) if body.startswith(_BEGIN, at) else at
        start = body.find(b"\r\n\r\n", at) + 4
        known = heads.get(body[named:start])
        if not known and body.startswith(b"--", at):
            return
        if number > PARTS:
            raise too_large(f"at most {PARTS} parts are taken")
        if known:
            name = body[begin:named]
            kind, size = known
        else:
            if not _COMMON_HEAD.match(body, at):
                body, at = _filled(body[at:], pieces, HEADER_BYTES), 0
                near = len(body) - AHEAD
            name, kind, size, start = _head(body, at)
            rest = body[at + len(_BEGIN) + len(name) : start]
            if len(rest) <= SHORT and body.startswith(_BEGIN + name + b'"', at):
                heads[rest] = kind, size
        end = start + size
        if end > near:
            wanted = min(size, DECODED_BYTES + 1) + start - at + step
            body, start, at = _filled(body[at:], pieces, wanted), start - at, 0
            near, end = len(body) - AHEAD, start + size
            if size > DECODED_BYTES and len(body) - start > DECODED_BYTES:
                raise too_large(f"at most {DECODED_BYTES} bytes are taken in one part")
        if not body.startswith(delimiter, end):
            raise _bad_part(_text(name), f"does not end after its {size} bytes")
        content, at = body[start:end], end + step
        if size > LARGE:
            body, at, near = body[at:], 0, len(body) - at - AHEAD
        yield name.decode("utf-8", "replace"), kind, content


def _filled(begun: bytes, pieces: Iterator[bytes], wanted: int) -> bytes:
    """Return what there is, with as many pieces more as make it ``wanted`` bytes long."""
    held, size = [begun], len(begun)
    while size < wanted and (piece := next(pieces, None)) is not None:
        held.append(piece)
        size += len(piece)
    return b"".join(held)


def _head(body: bytes, at: int) -> tuple[bytes, str, int, int]:
    """Return name, type and length of the part that begins at ``at``, and its content's start."""
    if common := _COMMON_HEAD.match(body, at):
        name, kind, length = common.groups()
        start = common.end()
    else:
        name, kind, length, start = _unusual(body, at)
    if len(length) > MOST_DIGITS:
        raise _bad_part(_text(name), f"its length has more than {MOST_DIGITS} digits")
    return name, kind.decode("latin-1").strip(), int(length), start


def _unusual(body: bytes, at: int) -> tuple[bytes, bytes, bytes, int]:
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
