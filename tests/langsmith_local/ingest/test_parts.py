"""Multipart bodies, taken apart."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest.parts import parts

TYPE = 'multipart/form-data; boundary="B"'


def form(*pieces: bytes, end: bytes = b"--B--\r\n") -> bytes:
    return b"".join(b"--B\r\n" + piece + b"\r\n" for piece in pieces) + end


def piece(name: str, content: bytes, *more: str, length: int | None = None) -> bytes:
    lines = [f'Content-Disposition: form-data; name="{name}"', "Content-Type: text/plain", *more]
    lines.append(f"Content-Length: {len(content) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def test_parts_come_with_name_type_and_content():
    file = piece("attachment.1.a", b"\r\n--not the boundary\x00")
    [first, second] = parts(form(piece("post.1", b"{}"), file), TYPE)
    assert first == ("post.1", "text/plain", b"{}")
    assert second[2] == b"\r\n--not the boundary\x00"


@pytest.mark.parametrize("size", [1, 3, 50, 10_000])
def test_a_body_may_come_in_pieces(size):
    file = piece("attachment.1.a", b"\r\n--not the boundary\x00" * 9_000)
    body = form(piece("post.1", b"{}"), file, piece("post.2", b"[]"))
    whole = list(parts(body, TYPE))
    assert list(parts((body[at : at + size] for at in range(0, len(body), size)), TYPE)) == whole
    assert [name for name, _, _ in whole] == ["post.1", "attachment.1.a", "post.2"]


def test_heads_that_differ_in_the_name_alone_are_read_each():
    names = ["post.1", "post.a longer one", "post.é", f"post.{'n' * 400}"]
    sent = [(name, b"x" * size) for size in (0, 1, 2) for name in names for _ in range(2)]
    found = list(parts(form(*(piece(name, content) for name, content in sent)), TYPE))
    assert [(name, content) for name, _, content in found] == sent
    assert {kind for _, kind, _ in found} == {"text/plain"}


def test_a_part_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr("helpers.langsmith_local.ingest.parts.DECODED_BYTES", 5)
    assert list(parts(form(piece("post.1", b"12345")), TYPE))
    with pytest.raises(Refusal, match="at most 5 bytes are taken in one part"):
        list(parts(form(piece("post.1", b"123456")), TYPE))


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


def test_the_number_of_parts_is_bounded(monkeypatch):
    monkeypatch.setattr("helpers.langsmith_local.ingest.parts.PARTS", 2)
    head = b'--b\r\nContent-Disposition: form-data; name="x"\r\nContent-Type: a/b; length=1'
    part = head + b"\r\n\r\n1\r\n"
    assert len(list(parts(part * 2 + b"--b--\r\n", "multipart/form-data; boundary=b"))) == 2
    with pytest.raises(Refusal, match="at most 2 parts") as refusal:
        list(parts(part * 3 + b"--b--\r\n", "multipart/form-data; boundary=b"))
    assert refusal.value.status == 413


def test_a_length_of_5000_digits_is_refused_with_the_part():
    with pytest.raises(Refusal, match="part post.1: its length has more than 12 digits") as refusal:
        list(parts(form(piece("post.1", b"{}").replace(b": 2", b": " + b"9" * 5_000)), TYPE))
    assert refusal.value.status == 422
