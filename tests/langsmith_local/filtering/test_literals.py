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
        ("18446744073709551615", 2**64 - 1),
        ('"\\ud83d\\ude00"', "😀"),
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
        ("1e999", "number", "greatest number"),
        ("1e999", "any", "greatest number"),
        ('"' + "9" * 400 + 'd"', "duration", "a duration"),
        ('"0001-01-01T00:00:00+23:59"', "time", "1900 to 2299"),
        ('"\\ud800"', "text", "half of a surrogate pair"),
        ('"1_111111-1111-4111-8111-111111111111"', "uuid", "a UUID"),
    ],
)
def test_a_literal_of_the_wrong_kind_says_which_is_right(text, kind, said):
    with pytest.raises(Fault, match=said):
        value_of(text, kind)


def test_a_json_object_becomes_the_pairs_that_are_stored():
    assert stored(literal("""'{"a": "x", "n": 1}'""")) == [("a", "x"), ("n", "1")]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('{"a": NaN}', "takes a JSON object"),
        ('{"a": 1e999}', "takes a JSON object"),
        ('{"a": "\\\\ud800"}', "takes a JSON object"),
        ('{"a": ' + "[" * 3_000 + "]" * 3_000 + "}", "takes a JSON object"),
        ('{"a": ' + "[" * 300 + "]" * 300 + "}", "deeper than 200"),
        ("{" + ",".join(f'"{n}":1' for n in range(201)) + "}", "at most 200 pairs"),
    ],
)
def test_what_is_no_object_to_look_for_is_a_fault(value, said):
    with pytest.raises(Fault, match=said):
        stored(literal(f"'{value}'"))


@pytest.mark.parametrize("kind", ["number", "duration"])
def test_a_number_beyond_64_bits_is_compared_as_sqlite_can(kind):
    assert value_of(str(2**64 - 1), kind) == (float(2**64 - 1),)


def test_a_long_list_is_one_parameter():
    text = "in(name, [" + ", ".join(['"a"'] * 3_000) + "])"
    call = parse(text)
    assert len(compared("c", "in", call.args[1], "text", call.name)[1]) == 1
