"""Bodies: bounded, decompressed, read as JSON."""

from __future__ import annotations

import gzip

import pytest
import requests
import zstandard

from helpers.langsmith_local.body import decode, decoded, json_value
from helpers.langsmith_local.errors import Refusal
from helpers.serving.bounds import SENT_BYTES

TEXT = b'{"post": []}' * 100


def whole_zstd(data: bytes) -> bytes:
    compressor = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    return compressor.compress(data) + compressor.flush()


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


@pytest.mark.parametrize(
    ("encoding", "encode"), [("", bytes), ("gzip", gzip.compress), ("zstd", whole_zstd)]
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_body_may_come_in_pieces(encoding, encode, size):
    sent = encode(TEXT) + (encode(TEXT) if encoding else b"")
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    found = b"".join(decoded(pieces, encoding, limit=10_000))
    assert found == TEXT * (2 if encoding else 1)


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
    answer = requests.post(f"{service}/runs/batch", data=bytes(SENT_BYTES + 1), timeout=30)
    assert (answer.status_code, "at most" in answer.json()["error"]) == (413, True)


def test_a_body_in_chunks_is_read(service):
    answer = requests.post(f"{service}/runs/batch", data=iter([b'{"post"', b": []}"]), timeout=30)
    assert answer.status_code == 202


def test_bad_json_is_unprocessable():
    with pytest.raises(Refusal, match="invalid batch JSON") as refusal:
        json_value(b'{"post": NaN}')
    assert refusal.value.status == 422
