"""Request bodies: bounded reading, decompression, and the parts of a multipart body."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

import orjson
import zstandard
from starlette.requests import Request

from helpers.langsmith_local.errors import Refusal

__all__ = [
    "MAX_DECODED",
    "MAX_WIRE",
    "Part",
    "decode",
    "json_value",
    "parts",
    "read",
    "read_json",
    "read_object",
]

#: What GET /info announces as size_limit_bytes.
MAX_WIRE = 20 * 1024 * 1024
MAX_DECODED = 200 * 1024 * 1024

#: Name, content type and content. There are ten a run, so it is no class.
Part = tuple[str, str, bytes]

CHUNK = 1024 * 1024
# Bounds the memory that a frame's header can ask for.
MAX_WINDOW = 2**27

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


async def read(request: Request, *, limit: int = MAX_WIRE) -> bytes:
    """Return the body as sent, with a length or in chunks; 413 when it is above ``limit`` bytes.

    What is above is read and thrown away up to ten times the limit: a client that still sends
    when the answer comes sees a broken connection in place of it.
    """
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        else:
            chunks.clear()
        if size > 10 * limit:
            break
    if size > limit:
        raise _too_large(limit)
    return b"".join(chunks)


def decode(raw: bytes, encoding: str, *, limit: int = MAX_DECODED) -> bytes:
    """Undo a ``Content-Encoding`` (identity, gzip, zstd); 413 above ``limit`` bytes.

    Decoding ends at the limit, so a small body that would become a huge one stays small.
    """
    encoding = encoding.strip().lower()
    try:
        if encoding in ("", "identity"):
            return raw
        if encoding == "gzip":
            return _gunzip(raw, limit)
        if encoding == "zstd":
            return _unzstd(raw, limit)
    except (zlib.error, zstandard.ZstdError) as error:
        raise Refusal(
            400, f"Bad request: the body is not {encoding}: {error}", key="error"
        ) from error
    raise Refusal(
        415, f"Unsupported Content-Encoding {encoding!r}: use identity, gzip or zstd", key="error"
    )


def json_value(body: bytes, *, what: str = "batch JSON") -> Any:
    """Return parsed JSON; 422 when it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        message = f"Unprocessable entity: invalid {what}: {error}"
        raise Refusal(422, message, key="error") from error


async def read_json(request: Request) -> Any:
    """Return a request's body as parsed JSON; 413, 415, 400 or 422 as the steps to it say."""
    raw = await read(request)
    return json_value(decode(raw, request.headers.get("content-encoding", "")), what="JSON")


async def read_object(request: Request) -> dict[str, Any]:
    """Return a request's body as a JSON object; 422 when it is none."""
    value = await read_json(request)
    if not isinstance(value, dict):
        raise Refusal(422, "Unprocessable entity: expected a JSON object")
    return value


def parts(body: bytes, content_type: str) -> Iterator[Part]:
    """Yield the parts of a ``multipart/form-data`` body; 400 or 422 when it is malformed.

    As LangSmith asks, each part has a ``Content-Type`` and its length, either in
    ``Content-Length`` or in a ``length`` parameter, and no ``Content-Encoding``.
    """
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


def _too_large(limit: int) -> Refusal:
    return Refusal(413, f"Payload too large: at most {limit} bytes are taken", key="error")


def _gunzip(raw: bytes, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while raw:
        member = zlib.decompressobj(wbits=31)
        while raw and not member.eof:
            chunks.append(member.decompress(raw, CHUNK))
            size += len(chunks[-1])
            if size > limit:
                raise _too_large(limit)
            raw = member.unconsumed_tail
        if not member.eof:
            raise zlib.error("the stream is cut off")
        raw = member.unused_data
    return b"".join(chunks)


def _unzstd(raw: bytes, limit: int) -> bytes:
    # The SDK's frames carry no content size, so they are read as a stream.
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    reader = decompressor.stream_reader(io.BytesIO(raw), read_across_frames=True)
    chunks: list[bytes] = []
    size = 0
    while chunk := reader.read(CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
    return b"".join(chunks)
