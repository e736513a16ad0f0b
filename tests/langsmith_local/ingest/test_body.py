"""Bodies: bounded, decompressed, taken apart."""

from __future__ import annotations

import gzip

import pytest
import requests
import zstandard

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest.body import MAX_WIRE, decode, json_value, parts

TEXT = b'{"post": []}' * 100
TYPE = 'multipart/form-data; boundary="B"'


def whole_zstd(data: bytes) -> bytes:
    compressor = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    return compressor.compress(data) + compressor.flush()


def form(*pieces: bytes, end: bytes = b"--B--\r\n") -> bytes:
    return b"".join(b"--B\r\n" + piece + b"\r\n" for piece in pieces) + end


def piece(name: str, content: bytes, *more: str, length: int | None = None) -> bytes:
    lines = [f'Content-Disposition: form-data; name="{name}"', "Content-Type: text/plain", *more]
    lines.append(f"Content-Length: {len(content) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("", bytes),
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("zstd", whole_zstd),
        ("zstd", lambda data: whole_zstd(data[:50]) + whole_zstd(data[50:])),
        ("gzip", lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:])),
    ],
    ids=["none", "identity", "gzip", "zstd", "zstd frames", "gzip members"],
)
def test_each_encoding_is_undone(encoding, encode):
    assert decode(encode(TEXT), encoding) == TEXT


@pytest.mark.parametrize("encode", [("gzip", gzip.compress), ("zstd", whole_zstd)])
def test_a_small_body_that_would_grow_above_the_limit_is_refused(encode):
    with pytest.raises(Refusal) as refusal:
        decode(encode[1](bytes(10_000_000)), encode[0], limit=1_000_000)
    assert refusal.value.status == 413


@pytest.mark.parametrize(
    ("raw", "encoding", "status"),
    [(b"x", "gzip", 400), (b"x", "zstd", 400), (gzip.compress(TEXT, mtime=0)[:-9], "gzip", 400)]
    + [(b"x", "br", 415)],
)
def test_a_body_that_is_not_what_it_says_is_refused(raw, encoding, status):
    with pytest.raises(Refusal) as refusal:
        decode(raw, encoding)
    assert refusal.value.status == status


def test_a_body_above_the_announced_size_is_refused(service):
    answer = requests.post(f"{service}/runs/batch", data=bytes(MAX_WIRE + 1), timeout=30)
    assert (answer.status_code, "at most" in answer.json()["error"]) == (413, True)


def test_a_body_in_chunks_is_read(service):
    answer = requests.post(f"{service}/runs/batch", data=iter([b'{"post"', b": []}"]), timeout=30)
    assert answer.status_code == 202


def test_parts_come_with_name_type_and_content():
    file = piece("attachment.1.a", b"\r\n--not the boundary\x00")
    [first, second] = parts(form(piece("post.1", b"{}"), file), TYPE)
    assert first == ("post.1", "text/plain", b"{}")
    assert second[2] == b"\r\n--not the boundary\x00"


def test_the_length_may_be_a_parameter_as_the_javascript_sdk_writes_it():
    head = b'Content-Disposition: form-data; name="post.1"; filename="blob"\r\n'
    [part] = parts(form(head + b"Content-Type: application/json; length=2\r\n\r\n{}"), TYPE)
    assert part == ("post.1", "application/json", b"{}")


def test_headers_may_come_in_another_order():
    head = (
        b"content-length: 2\r\nX-More: 1\r\ncontent-type: a/b\r\ncontent-disposition: form-data; "
    )
    [part] = parts(form(head + b'name="post.1"\r\n\r\n{}'), TYPE)
    assert part == ("post.1", "a/b", b"{}")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--B",
        b"--B\r\n",
        form(piece("post.1", b"{}"), end=b""),
        form(piece("post.1", b"{}", length=3)),
        form(piece("post.1", b"{}", length=10**12)),
        form(piece("post.1", b"{}", "Content-Encoding: gzip")),
        form(b'Content-Disposition: form-data; name="post.1"\r\n\r\n{}'),
        form(b"Content-Type: a/b\r\nContent-Length: 2\r\n\r\n{}"),
    ],
)
def test_a_malformed_multipart_body_is_refused(body):
    with pytest.raises(Refusal) as refusal:
        list(parts(body, TYPE))
    assert refusal.value.status in (400, 422)


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data"])
def test_multipart_needs_its_boundary(content_type):
    with pytest.raises(Refusal, match="boundary"):
        list(parts(form(), content_type))


def test_bad_json_is_unprocessable():
    with pytest.raises(Refusal, match="invalid batch JSON") as refusal:
        json_value(b'{"post": NaN}')
    assert refusal.value.status == 422
