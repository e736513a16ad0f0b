from __future__ import annotations

import pytest

from helpers.view import words


@pytest.mark.parametrize(
    ("cost", "shown"), [(0.000012, "$0.000012"), (1e-8, "<$0.000001"), (2, "$2.00")]
)
def test_money_has_two_digits_or_as_many_as_it_needs(cost: float, shown: str) -> None:
    assert words.dollars(cost) == shown


def test_a_duration_is_never_below_zero() -> None:
    assert (words.seconds(-0.5), words.seconds(1.234)) == ("0.00 s", "1.23 s")


def test_one_token_is_one_token() -> None:
    assert (words.tokens(1), words.tokens(1234)) == ("1 token", "1,234 tokens")


@pytest.mark.parametrize("stored", ["success", "error", "pending"])
def test_each_status_has_a_word(stored: str) -> None:
    assert words.status(stored)


def test_a_name_is_one_short_line_without_controls() -> None:
    assert words.name("two\n lines\u202e") == "two lines\\u202e"
    assert len(words.name("x" * 500)) == 60
