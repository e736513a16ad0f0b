"""A body's weight is near what its values take in memory, and is told before they are read."""

from __future__ import annotations

import tracemalloc

import orjson
import pytest

from helpers.serving.weight import light, most, weight

SIZE = 200_000


@pytest.mark.parametrize("unit", [b"[],", b"[[]],", b"1.25,", b"{},", b'{"a":1},', b'"ab",'])
def test_the_weight_is_near_what_the_values_take(unit):
    content = b"[%s0]" % (unit * (SIZE // len(unit)))
    tracemalloc.start()
    values = orjson.loads(content)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert values and 0.4 < weight(content, copies=0) / taken < 4


def test_structure_in_a_text_weighs_nothing():
    code = orjson.dumps(['{"a": [1, 2, 3]}\\\n' * 1_000])
    assert weight(code, copies=0) < 200 < weight(b"[%s]" % (b"{}," * 1_000), copies=0)


@pytest.mark.parametrize(("letter", "bytes_each"), [("e", 1), ("\u0434", 3), ("\U0001f600", 6)])
def test_one_wide_letter_makes_a_text_wide(letter, bytes_each):
    text = orjson.dumps(letter + "x" * SIZE)
    assert bytes_each * SIZE <= weight(text) < bytes_each * (SIZE + 100)


def test_a_text_longer_than_a_step_is_one_text():
    long = orjson.dumps({"a": ",[{" * 100_000, "b": [1, 2]})
    assert weight(long, copies=0) < 1_000


def test_no_byte_weighs_more_than_the_most():
    for content in (b"{" * 1_000, b"[" * 1_000, b'"' * 1_000, "\U0001f600".encode() * 1_000):
        assert weight(content, copies=2) <= most(2) * len(content)


def test_what_is_light_is_within_the_bound():
    assert light(b"[" * 100, 100 * 200)
    assert light(b"x" * 1_000, 1_000)
    assert not light(b"[" * 1_000, 1_000)
