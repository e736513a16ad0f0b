"""Literals as the values that columns hold."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.filtering.literals import compared, plain, stored
from helpers.langsmith_local.filtering.syntax import Fault, Token, parse


def literal(text: str) -> Token:
    return parse(f"eq(name, {text})").args[1]


def value_of(text: str, kind: str) -> tuple[object, ...]:
    return compared("c", "gt", literal(text), kind, parse("gt(name, 1)").name)[1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a\\nb"', "a\nb"),
        ("'it\\u0027s'", "it's"),
        ("12", 12),
        ("-1.5e1", -15.0),
        ("true", True),
        ("null", None),
    ],
)
def test_a_literal_has_its_python_value(text, value):
    assert plain(literal(text)) == value


@pytest.mark.parametrize(
    ("text", "seconds"), [('"5s"', 5.0), ('"500ms"', 0.5), ('"2m"', 120.0), ("3", 3), ('"4"', 4.0)]
)
def test_a_duration_is_in_seconds(text, seconds):
    assert value_of(text, "duration") == (seconds,)


def test_a_time_is_in_microseconds():
    assert value_of('"1970-01-01T00:00:01Z"', "time") == (1_000_000,)


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("5", "text", "write it in quotes"),
        ('"5"', "number", "without quotes"),
        ('"soon"', "time", "a time of 1900 to 2299 such as"),
        ('"5 parsecs"', "duration", "a duration"),
        ("name", "text", "a text stands in quotes"),
        ("null", "number", "cannot compare with null"),
    ],
)
def test_a_literal_of_the_wrong_kind_says_which_is_right(text, kind, said):
    with pytest.raises(Fault, match=said):
        value_of(text, kind)


def test_a_json_object_becomes_the_pairs_that_are_stored():
    assert stored(literal("""'{"a": "x", "n": 1}'""")) == [("a", "x"), ("n", "1")]
