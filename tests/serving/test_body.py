"""Bodies: bounded, and in a file once they are large."""

from __future__ import annotations

import asyncio
import tempfile

import pytest
from starlette.requests import ClientDisconnect, Request

from helpers.serving import body
from helpers.serving.bounds import DRAINED_BYTES, SMALL_BYTES


def request(*chunks: bytes, length: str = "", whole: bool = True) -> Request:
    """Return a request whose body comes in these pieces."""
    messages = [{"type": "http.request", "body": each, "more_body": True} for each in chunks]
    last = {"type": "http.request", "body": b""} if whole else {"type": "http.disconnect"}
    messages.append(last)

    async def receive():
        return messages.pop(0)

    headers = [(b"content-length", length.encode())] if length else []
    return Request({"type": "http", "headers": headers}, receive)


def read(given: Request, **options: int) -> body.Body:
    return asyncio.run(body.receive(given, **options))


@pytest.mark.parametrize("size", [0, 5, SMALL_BYTES, SMALL_BYTES + 1, 3 * SMALL_BYTES])
def test_a_body_is_what_was_sent(size):
    content = bytes(range(256)) * (size // 256 + 1)
    given = request(content[: size // 2], content[size // 2 : size])
    assert read(given).content() == content[:size]
    assert body.received(given.scope).size == size
    body.forget(given.scope)
    assert body.received(given.scope).content() == b""


def test_above_the_limit_it_is_refused_and_not_kept():
    given = request(b"x" * 6, b"x" * 6)
    with pytest.raises(body.TooLarge, match="at most 10 bytes"):
        read(given, limit=10)
    assert (body.received(given.scope).size, body.received(given.scope).content()) == (12, b"")


def test_a_length_that_would_take_too_long_to_throw_away_is_refused_unread():
    with pytest.raises(body.TooLarge):
        read(request(length=str(DRAINED_BYTES + 1)))


def test_a_sender_who_leaves_is_told_from_one_who_is_done():
    with pytest.raises(ClientDisconnect):
        read(request(b"x", whole=False))


def test_the_file_of_a_body_that_was_sent_by_half_is_closed(monkeypatch):
    made, make = [], tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: made.append(make()) or made[-1])
    with pytest.raises(ClientDisconnect):
        read(request(b"x" * (SMALL_BYTES + 1), whole=False))
    assert [file.closed for file in made] == [True]


def test_a_request_without_a_body_that_was_read_has_an_empty_one():
    assert body.received({}).size == 0
