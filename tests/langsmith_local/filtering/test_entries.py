"""Which comparisons speak of one pair of metadata, inputs, outputs or feedback."""

from __future__ import annotations

import pytest

from helpers.langsmith_local import keysets
from helpers.langsmith_local.filtering.entries import ENTRY_OF, bound, entry_of
from helpers.langsmith_local.filtering.syntax import Call, parse


def calls(text: str) -> list[Call]:
    return list(parse(text).args)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('eq(metadata_key, "a")', "metadata_key"),
        ('in(input_value, ["a"])', "input_key"),
        ('or(eq(feedback_score, 1), eq(feedback_key, "k"))', "feedback_key"),
        ('eq(name, "a")', None),
        ('or(eq(metadata_key, "a"), eq(input_key, "a"))', None),
    ],
)
def test_a_comparison_belongs_to_the_table_of_its_field(text, key):
    entry = entry_of(parse(text))
    assert (entry and entry.key) == key


def test_a_key_and_its_value_are_one_entry():
    both = calls('and(eq(metadata_key, "a"), eq(metadata_value, "1"))')
    [condition] = bound(ENTRY_OF["metadata_key"], both, "r")
    assert condition.params == ("a", "1") and condition.narrowing


def test_a_second_key_begins_a_second_entry():
    pairs = "eq(metadata_key, 'a'), eq(metadata_value, '1'), eq(metadata_key, 'b')"
    assert len(bound(ENTRY_OF["metadata_key"], calls(f"and({pairs})"), "r")) == 2


def test_neq_on_a_key_means_that_no_entry_has_it():
    [condition] = bound(ENTRY_OF["metadata_key"], calls('and(neq(metadata_key, "a"))'), "r")
    assert condition.sql.startswith("NOT EXISTS")
    assert condition.narrowing == (keysets.without("a"),)
