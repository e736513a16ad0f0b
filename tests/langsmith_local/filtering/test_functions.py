"""Each function of the filter language has its entry; what is none is named with the nearest."""

import pytest

from helpers.langsmith_local.filtering.functions import FUNCTIONS, condition_of
from helpers.langsmith_local.filtering.syntax import Fault, parse


def test_a_comparison_makes_a_condition_with_its_value_as_a_parameter():
    made = condition_of(parse('eq(name, "define")'), "r")
    assert made.params == ("define",)
    assert "define" not in made.sql


def test_joined_conditions_keep_all_their_parameters():
    made = condition_of(parse('or(eq(name, "a"), and(eq(name, "b"), gt(latency, 1)))'), "r")
    assert made.params == ("a", "b", 1.0)


@pytest.mark.parametrize("wrong", ["equals", "nott"])
def test_what_is_no_function_is_told_with_all_that_are(wrong):
    with pytest.raises(Fault, match="is no function of the filters that are served here") as raised:
        condition_of(parse(f'{wrong}(name, "a")'), "r")
    assert ", ".join(FUNCTIONS) in str(raised.value)


def test_not_is_told_how_to_be_written():
    with pytest.raises(Fault, match="neq for eq") as raised:
        condition_of(parse('not(eq(name, "a"))'), "r")
    assert "here; LangSmith documents it for examples" in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        'and(neq(metadata_key), eq(name, "x"))',
        'and(eq(metadata_key, "a", "b"), eq(metadata_value, "c"))',
        'and(or(eq(input_key), eq(input_key, "a")), eq(input_value, "b"))',
        "in(feedback_key)",
    ],
)
def test_a_pair_with_too_few_or_too_many_arguments_is_told_so(text):
    with pytest.raises(Fault, match="takes a field and a value"):
        condition_of(parse(text), "r")
