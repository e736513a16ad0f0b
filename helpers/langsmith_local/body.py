"""Request bodies: bounded reading, decompression, JSON."""

from __future__ import annotations

import io
import zlib
from typing import Any

import orjson
import zstandard
from starlette.requests import Request

from helpers.langsmith_local.errors import Refusal
from helpers.serving.body import Body, TooLarge, receive
from helpers.serving.bounds import DECODED_BYTES, JSON_BYTES, SENT_BYTES
from helpers.serving.weight import light, weight

__all__ = ["check_weight", "decode", "json_value", "read", "read_json", "read_object"]
__all__ += ["too_heavy", "too_large"]

CHUNK = 1024 * 1024
# Bounds the memory that a frame's header can ask for. The SDK's level 3 takes a hundredth of it.
MAX_WINDOW = 2**24


async def read(request: Request, *, limit: int = SENT_BYTES) -> Body:
    """Return the body as sent, with a length or in chunks; 413 when it is above ``limit`` bytes."""
    try:
        return await receive(request, limit=limit)
    except TooLarge as error:
        raise too_large(str(error)) from error


def decode(raw: bytes, encoding: str, *, limit: int = DECODED_BYTES) -> bytes:
    """Undo a ``Content-Encoding`` (identity, gzip, zstd); 413 above ``limit`` bytes.

    Decoding ends at the limit, so a small body that would become a huge one stays small.
    """
    encoding = encoding.strip().lower()
    try:
        if encoding in ("", "identity"):
            return _bounded(raw, limit)
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


def check_weight(content: bytes) -> None:
    """Refuse JSON that would take too much memory: 413. Its text is kept once more, to store it."""
    if not light(content, JSON_BYTES, copies=2) and weight(content, copies=2) > JSON_BYTES:
        raise too_heavy()


def json_value(body: bytes, *, what: str = "batch JSON") -> Any:
    """Return parsed JSON; 422 when it is none, 413 when it would take too much memory."""
    check_weight(body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        message = f"Unprocessable entity: invalid {what}: {error}"
        raise Refusal(422, message, key="error") from error


async def read_json(request: Request) -> Any:
    """Return a request's body as parsed JSON; 413, 415, 400 or 422 as the steps to it say."""
    raw = (await read(request)).content()
    return json_value(decode(raw, request.headers.get("content-encoding", "")), what="JSON")


async def read_object(request: Request) -> dict[str, Any]:
    """Return a request's body as a JSON object; 422 when it is none."""
    value = await read_json(request)
    if not isinstance(value, dict):
        raise Refusal(422, "Unprocessable entity: expected a JSON object")
    return value


def too_large(why: str) -> Refusal:
    """Return the refusal of a body that is above a bound, which ``why`` names."""
    return Refusal(413, f"Payload too large: {why}", key="error")


def too_heavy() -> Refusal:
    """Return the refusal of a body whose values are too many."""
    return too_large(f"its values would take more than {JSON_BYTES} bytes of memory")


def _bounded(content: bytes, limit: int) -> bytes:
    if len(content) > limit:
        raise too_large(f"at most {limit} bytes are taken, without compression")
    return content


def _gunzip(raw: bytes, limit: int) -> bytes:
    whole = io.BytesIO()
    while raw:
        member = zlib.decompressobj(wbits=31)
        while raw and not member.eof:
            _add(whole, member.decompress(raw, CHUNK), limit)
            raw = member.unconsumed_tail
        if not member.eof:
            raise zlib.error("the stream is cut off")
        raw = member.unused_data
    return whole.getvalue()


def _unzstd(raw: bytes, limit: int) -> bytes:
    # The SDK's frames carry no content size, so they are read as a stream.
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    reader = decompressor.stream_reader(io.BytesIO(raw), read_across_frames=True)
    whole = io.BytesIO()
    while chunk := reader.read(CHUNK):
        _add(whole, chunk, limit)
    return whole.getvalue()


def _add(whole: io.BytesIO, chunk: bytes, limit: int) -> None:
    whole.write(chunk)
    if whole.tell() > limit:
        raise too_large(f"at most {limit} bytes are taken, without compression")
