"""Numbers and truths from a query string, and what is said of those that are none."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.parameters import checked, truth, whole_number


def limit(text: str | None) -> int:
    return whole_number(text, "limit", least=1, most=100, default=20)


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("100", 100), (None, 20), ("", 20)])
def test_a_number_within_bounds_is_taken_and_none_is_the_default(text, number):
    assert limit(text) == number


@pytest.mark.parametrize("text", ["0", "101", "-1", "1.5", "many", "²", " 1", "9" * 5_000])
def test_anything_else_is_unprocessable_and_says_what_is_taken(text):
    with pytest.raises(Refusal, match="limit: must be a whole number from 1 to 100") as refusal:
        limit(text)
    assert refusal.value.status == 422


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("True", True), ("0", False), ("no", False), (None, None)]
)
def test_a_truth_is_read_in_the_spellings_of_langsmith(text, value):
    assert truth(text, "upsert") is value


@pytest.mark.parametrize("text", ["often", "2", "null", " true"])
def test_what_is_neither_true_nor_false_is_unprocessable(text):
    with pytest.raises(Refusal, match="upsert: must be true or false") as refusal:
        truth(text, "upsert")
    assert refusal.value.status == 422


def test_what_a_check_refuses_is_unprocessable_and_named():
    assert checked(None, "age", int) is None and checked("7", "age", int) == 7
    with pytest.raises(Refusal, match="age: ") as refusal:
        checked("old", "age", int)
    assert refusal.value.status == 422
