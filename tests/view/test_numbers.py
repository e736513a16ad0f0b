"""helpers.view.numbers: seconds, tokens, money and other numbers as people write them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.view.numbers import counted, dollars, number, seconds, without_exponents


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0049, "0.00 s"), (1.2, "1.20 s"), (61.005, "61.01 s"), (-1, "0.00 s")]
)
def test_seconds_have_two_decimals_and_are_never_less_than_none(value: float, shown: str):
    assert seconds(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2.0249999999999998e-05, "$0.00002"), (1e-8, "<$0.000001"), (0, "$0.00"),
        (0.1 + 0.2, "$0.30"), (1234.5, "$1,234.50"), (-0.25, "-$0.25"), (-1e-9, "$0.00"),
    ],
)  # fmt: skip
def test_money_has_no_exponent_and_no_noise(value: float, shown: str):
    assert dollars(value) == shown


def test_what_is_counted_has_its_noun():
    assert [counted(n, "token") for n in (0, 1, 1058)] == ["0 tokens", "1 token", "1,058 tokens"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2.0249999999999998e-05, "0.00002025"), (0.1 + 0.2, "0.3"), (1e16, "1" + "0" * 16),
        (-1.5e-7, "-0.00000015"), (0.0, "0"), (1e300, "1e+300"), (float("inf"), "inf"),
    ],
)  # fmt: skip
def test_a_number_is_written_out(value: float, shown: str):
    assert number(value) == shown


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_value(value: float):
    assert float(number(value)) == pytest.approx(value, rel=1e-11)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=50)
@given(values)
def test_json_stays_json_and_its_strings_stay_as_they_are(value: object):
    def texts(each: object) -> list[str]:
        if isinstance(each, dict):
            return [text for pair in each.items() for side in pair for text in texts(side)]
        if isinstance(each, list):
            return [text for item in each for text in texts(item)]
        return [each] if isinstance(each, str) else []

    written = json.dumps(value, ensure_ascii=False)
    assert texts(json.loads(without_exponents(written))) == texts(value)


def test_a_string_that_looks_like_a_number_is_no_number():
    written = '{"a": "2e-05 \\" 2e-05", "b": [2e-05]}'
    assert without_exponents(written) == '{"a": "2e-05 \\" 2e-05", "b": [0.00002]}'
