"""Answers that wait in a file until they are fetched."""

from __future__ import annotations

import asyncio

import pytest

from helpers.serving.answer import answer
from helpers.serving.body import Body
from helpers.serving.bounds import SMALL_BYTES


def content(size: int) -> bytes:
    return (bytes(range(250)) * (size // 250 + 1))[:size]


def filled(size: int) -> Body:
    body = Body()
    whole = content(size)
    for at in range(0, size, 1_000):
        body.add(whole[at : at + 1_000])
    return body


def fetched(body: Body, *, leaves: bool = False) -> list[dict]:
    """Return the messages of an answer; the one who asked may leave after the first piece."""
    sent: list[dict] = []

    async def send(message):
        sent.append(message)
        if leaves and len(sent) > 1:
            raise ConnectionResetError

    asyncio.run(answer(body, "application/json")({"type": "http"}, None, send))
    return sent


@pytest.mark.parametrize("size", [0, 1, SMALL_BYTES, SMALL_BYTES + 1, 3 * SMALL_BYTES + 7])
def test_the_answer_is_the_body_in_small_pieces(size):
    start, *rest = fetched(filled(size))
    headers = dict(start["headers"])
    assert (headers[b"content-type"], headers[b"content-length"]) == (
        b"application/json",
        str(size).encode(),
    )
    assert b"".join(each["body"] for each in rest) == content(size)
    assert max(len(each["body"]) for each in rest) <= SMALL_BYTES
    assert not rest[-1].get("more_body")


def test_the_file_is_closed_also_when_the_other_leaves(monkeypatch):
    for leaves in (False, True):
        body = filled(2 * SMALL_BYTES)
        file = body._file
        try:
            fetched(body, leaves=leaves)
        except ConnectionResetError:
            assert leaves
        assert file is not None and file.closed
