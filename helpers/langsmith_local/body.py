"""Request bodies: bounded reading, decompression, JSON."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Any, cast

import orjson
import zstandard
from starlette.requests import Request

from helpers.langsmith_local.errors import Refusal
from helpers.serving.body import Body, TooLarge, receive
from helpers.serving.bounds import DECODED_BYTES, JSON_BYTES, SENT_BYTES
from helpers.serving.weight import light, weight

__all__ = ["check_weight", "decode", "decoded", "json_value", "read", "read_json", "read_object"]
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
    if encoding.strip().lower() in _PLAIN:
        if len(raw) > limit:
            raise _above(limit)
        return raw
    whole = io.BytesIO()
    whole.writelines(decoded((raw,), encoding, limit=limit))
    return whole.getvalue()


def decoded(pieces: Iterable[bytes], encoding: str, *, limit: int) -> Iterator[bytes]:
    """Yield a body without its ``Content-Encoding``, piece by piece; as ``decode`` else."""
    encoding = encoding.strip().lower()
    if encoding not in (*_PLAIN, *_DECODERS):
        why = f"Unsupported Content-Encoding {encoding!r}: use identity, gzip or zstd"
        raise Refusal(415, why, key="error")
    size = 0
    try:
        for piece in pieces if encoding in _PLAIN else _DECODERS[encoding](iter(pieces)):
            size += len(piece)
            if size > limit:
                raise _above(limit)
            yield piece
    except (zlib.error, zstandard.ZstdError) as error:
        raise Refusal(
            400, f"Bad request: the body is not {encoding}: {error}", key="error"
        ) from error


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


def _above(limit: int) -> Refusal:
    return too_large(f"at most {limit} bytes are taken, without compression")


def _gunzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    member, begun = zlib.decompressobj(wbits=31), False
    for raw in pieces:
        while raw:
            begun = True
            yield member.decompress(raw, CHUNK)
            raw = member.unconsumed_tail
            if member.eof:
                raw = member.unused_data
                member, begun = zlib.decompressobj(wbits=31), False
    if begun:
        raise zlib.error("the stream is cut off")


def _unzstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    # The SDK's frames carry no content size, so they are read as a stream.
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    source = cast("IO[bytes]", _Source(pieces))
    reader = decompressor.stream_reader(source, read_across_frames=True)
    while chunk := reader.read(CHUNK):
        yield chunk


class _Source:
    """Pieces as a file; ``read`` gives what comes next, of whatever size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int) -> bytes:
        return next(self._pieces, b"")


_PLAIN = ("", "identity")
_DECODERS = {"gzip": _gunzip, "zstd": _unzstd}
