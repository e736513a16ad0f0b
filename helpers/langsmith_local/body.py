"""Request bodies: bounded reading, decompression, JSON."""

from __future__ import annotations

import io
import zlib
from typing import Any

import orjson
import zstandard
from starlette.requests import Request

from helpers.langsmith_local.errors import Refusal
from helpers.serving.bounds import SENT_BYTES

__all__ = ["MAX_DECODED", "MAX_WIRE", "decode", "json_value", "read", "read_json", "read_object"]

MAX_WIRE = SENT_BYTES
MAX_DECODED = 200 * 1024 * 1024

CHUNK = 1024 * 1024
# Bounds the memory that a frame's header can ask for.
MAX_WINDOW = 2**27


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
