"""Numbers and truths from a query string, and what is said of those that are none."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.parameters import (
    checked,
    listed,
    one_of,
    truth,
    unserved,
    whole_number,
)


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


def test_a_word_is_one_of_those_that_there_are():
    assert one_of("run", "level", ("run", "session")) == "run"
    assert one_of(None, "level", ("run",)) is one_of("", "level", ("run",)) is None
    with pytest.raises(Refusal, match="level: takes run, session; not 'all'") as refusal:
        one_of("all", "level", ("run", "session"))
    assert (refusal.value.status, refusal.value.field) == (422, "level")


def test_each_value_of_a_repeated_parameter_is_checked():
    assert listed(["1", "2"], "n", int) == [1, 2]
    with pytest.raises(Refusal, match="n: ") as refusal:
        listed(["1", "two"], "n", int)
    assert (refusal.value.status, refusal.value.field) == (422, "n")


def test_what_would_be_ignored_is_refused_with_the_reason():
    unserved({"facets": "false", "filter": ""}, {"facets": "none", "filter": "none"})
    with pytest.raises(Refusal, match=r"filter: .* \(no such language\)"):
        unserved({"filter": "eq(name, 1)"}, {"filter": "no such language"})
