"""Keys and values for the filter language."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.index import pairs


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": "x"}, [("a", "x")]),
        ({"a": {"b": {"c": 1}}}, [("a.b.c", "1")]),
        ({"m": [{"role": "user"}, "x"]}, [("m.0.role", "user"), ("m.1", "x")]),
        ({"a": True, "b": None, "c": 0.5}, [("a", "true"), ("b", "null"), ("c", "0.5")]),
        ({"a": {}, "b": []}, [("a", "{}"), ("b", "[]")]),
        ({}, []),
        (None, []),
    ],
)
def test_each_leaf_is_a_pair(value, expected):
    assert pairs(value) == expected


def test_a_value_is_cut_at_250_characters():
    assert pairs({"a": "é" * 300}) == [("a", "é" * 250)]


def test_the_first_100_keys_count():
    found = pairs({f"k{number}": number for number in range(150)})
    assert [found[0], found[-1], len(found)] == [("k0", "0"), ("k99", "99"), 100]


def test_depth_is_no_problem():
    value = {"leaf": 1}
    for _ in range(900):
        value = {"a": value}
    assert pairs(value)[0][1] == "1"


def test_a_value_of_millions_costs_no_more_than_its_first_leaves():
    class Endless(list):
        def __iter__(self):
            for number in range(10**9):
                assert number < 1_000, "all of a list was visited"
                yield number

    assert len(pairs({"a": Endless([0])})) == 100


def test_a_key_has_an_end():
    found = pairs({"k" * 10**6: {"a": 1, "b": 2}})
    assert {len(key) for key, _ in found} == {1_000}
