"""Conditions are SQL with parameters, and know where to begin."""

from __future__ import annotations

from helpers.langsmith_local.filtering.condition import Condition, among, equal, joined, members


def test_values_are_parameters_and_no_sql():
    text = "x OR 1=1 --"
    for condition in (equal("name", text), among("name", [text]), members("name", [text])):
        assert text not in condition.sql and text in str(condition.params)


def test_members_of_an_indexed_column_are_a_place_to_begin():
    assert members("id", ["a"]).narrowing and not among("id", ["a"]).narrowing


def test_the_cheap_test_comes_first_and_its_parameters_with_it():
    dear, cheap = Condition("EXISTS (SELECT 1 WHERE ?)", (1,)), Condition("r.name = ?", (2,))
    both = joined([dear, cheap], " AND ", ())
    assert both.sql == "(r.name = ? AND EXISTS (SELECT 1 WHERE ?))"
    assert both.params == (2, 1)
