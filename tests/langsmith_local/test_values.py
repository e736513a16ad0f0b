"""What may be stored: depth of JSON, names, numbers; and how a message shows what may not."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from helpers.langsmith_local.values import (
    check_depth,
    check_name,
    json_text,
    number,
    told,
    whole,
)
from helpers.serving.bounds import (
    GREATEST_INTEGER,
    GREATEST_NUMBER,
    JSON_DEPTH,
    NAME_CHARACTERS,
)


def nested(levels: int) -> Any:
    value: Any = []
    for level in range(levels - 1):
        value = [value] if level % 2 else {"a": value}
    return value


def test_json_is_stored_down_to_its_greatest_depth():
    assert orjson.loads(json_text(nested(JSON_DEPTH))) == nested(JSON_DEPTH)


@pytest.mark.parametrize("levels", [JSON_DEPTH + 1, 254, 255, 1_000])
def test_deeper_json_is_refused_with_the_limit(levels):
    with pytest.raises(ValueError, match=str(JSON_DEPTH)):
        json_text(nested(levels))


def test_brackets_beside_each_other_and_in_texts_are_no_depth():
    check_depth(orjson.dumps([[], {}] * 300))
    check_depth(orjson.dumps({"a": "[{" * 300, '"\\': '\\"[' * 300}))


@pytest.mark.parametrize("levels", [JSON_DEPTH, JSON_DEPTH + 1, 1_000])
def test_depth_is_counted_in_text_among_much_else(levels):
    text = b'{"a":"\\"[[","b":[{},[]],"c":%b%b}' % (b"[" * (levels - 1), b"]" * (levels - 1))
    if levels <= JSON_DEPTH:
        check_depth(text)
    else:
        with pytest.raises(ValueError, match="deeper"):
            check_depth(text)


@pytest.mark.parametrize("name", ["x", "", "n" * NAME_CHARACTERS, "Größe\n💡"])
def test_a_name_is_a_text(name):
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["n" * (NAME_CHARACTERS + 1), "a\0b", 7, None, ["x"]])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="must"):
        check_name(name)


@pytest.mark.parametrize("value", [0, -0.0, True, GREATEST_NUMBER, -GREATEST_NUMBER, 0.1])
def test_a_number_that_sums_can_hold_is_taken(value):
    assert number(value) == value


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e300, GREATEST_NUMBER + 1])
def test_other_numbers_are_refused_with_the_limit(value):
    with pytest.raises(ValueError, match=str(GREATEST_NUMBER)):
        number(value)


@pytest.mark.parametrize("value", [True, 1.0, "1", {}, None, GREATEST_INTEGER + 1, -(2**63)])
def test_what_is_no_whole_number_of_64_bits_is_refused(value):
    with pytest.raises(ValueError, match="must be integer"):
        whole(value)


def test_a_whole_number_of_64_bits_is_taken():
    assert whole(GREATEST_INTEGER) == GREATEST_INTEGER and whole(-GREATEST_INTEGER)


@pytest.mark.parametrize("value", ["x" * 10_000, nested(1_000), [1] * 10_000, {1: "y" * 10_000}])
def test_a_message_shows_a_value_shortly(value):
    assert len(told(value)) < 500
