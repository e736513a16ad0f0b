"""A text becomes nested calls."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.filtering.syntax import Call, Fault, List, parse


def test_calls_nest_and_words_keep_their_form():
    call = parse('and(eq(name, "x"), in(id, [1, true]))')
    equal, listed = call.args
    assert (str(call.name), call.depth, call.calls) == ("and", 2, 3)
    assert isinstance(equal, Call) and [(str(a), a.type) for a in equal.args] == [
        ("name", "NAME"),
        ('"x"', "STRING"),
    ]
    assert isinstance(listed.args[1], List) and len(listed.args[1].items) == 2


def test_words_know_their_place():
    token = parse('eq(\n  name, "x")').args[0]
    assert (token.line, token.column) == (2, 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("eq(", "The filter ends where"),
        ('eq(name "x")', 'Found "x" where'),
        ("eq(name, 'x)", "This quote is not closed."),
    ],
)
def test_a_fault_says_what_stands_where(text, said):
    with pytest.raises(Fault, match=said):
        parse(text)
