"""A stored run as both generations of the API show it."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.reading import rows


@pytest.mark.parametrize(
    ("dollars", "text"), [(None, None), (0.00031, "0.00031"), (1e-7, "0.0000001"), (2.0, "2.0")]
)
def test_money_is_a_decimal_without_an_exponent(dollars, text):
    assert rows.money(dollars) == text


def test_ancestors_come_from_the_root_down():
    order = "20260101T000000000000Za.20260101T000000000001Zb.20260101T000000000002Zc"
    assert rows.ancestors(order) == ["a", "b"] and rows.ancestors("20260101T000000000000Za") == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, None),
        ('{"q": "What?"}', "What?"),
        ('{"a": {"b": "deep"}}', "deep"),
        ('{"a": 1, "b": 2}', '{"a": 1, "b": 2}'),
    ],
)
def test_a_preview_shows_an_only_text_alone(text, shown):
    assert rows.preview(text) == shown


def test_a_preview_is_short():
    assert len(rows.preview('{"q": "' + "x" * 900 + '"}') or "") == rows.PREVIEW_CHARACTERS


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [([], 0.5, None), ([None, 4.0], 0.5, 4.0), ([1, 2, 3], 0.5, 2), ([0, 10], 0.99, 9.9)],
)
def test_a_percentile_is_interpolated_over_what_is_known(values, share, found):
    assert rows.percentile(values, share) == found


def test_stored_json_is_written_out_as_it_is():
    assert rows.encode({"inputs": rows.raw('{"a":  1}')}) == b'{"inputs":{"a":  1}}'
