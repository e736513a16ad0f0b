"""Answers: a few reads at a time, and JSON in pieces."""

from __future__ import annotations

import asyncio
import tempfile
import threading

import orjson
import pytest

from helpers.langsmith_local import state_of
from helpers.langsmith_local.reading.answering import answered, pieces
from helpers.serving.bounds import READERS, SMALL_BYTES


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        [1, {"a": []}],
        None,
        {"items": [], "b": 1},
        {"a": {"b": [1]}, "items": [1, {"c": 2}]},
    ],
)
def test_the_pieces_of_a_value_are_its_json(content):
    assert orjson.loads(b"".join(pieces(content))) == content


def test_the_items_of_an_iterator_are_made_one_after_another():
    found = pieces({"items": iter(range(3)), "more": False})
    assert list(found) == [
        *(b'{"items":', b"[", b"0", b",", b"1", b",", b"2", b"]"),
        *(b',"more":', b"false", b"}"),
    ]


def test_so_many_read_at_a_time_and_no_more(app):
    now, most, lock = 0, 0, threading.Lock()
    full = threading.Event()

    def read(store):
        nonlocal now, most
        with lock:
            now, most = now + 1, max(most, now + 1)
            if now == READERS:
                full.set()
        assert full.wait(timeout=30)
        with lock:
            now -= 1
        return {"items": []}

    async def ask():
        await asyncio.gather(*(answered(state_of(app), read) for _ in range(3 * READERS)))

    asyncio.run(ask())
    assert most == READERS


def test_a_read_that_fails_midway_raises_and_leaves_no_file(app, monkeypatch):
    made, make = [], tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: made.append(make()) or made[-1])

    def items():
        yield "x" * 2 * SMALL_BYTES
        raise KeyError("gone")

    with pytest.raises(KeyError):
        asyncio.run(answered(state_of(app), lambda store: {"items": items()}))
    assert [file.closed for file in made] == [True]
