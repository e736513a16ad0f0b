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


def opinion(**fields: object) -> dict[str, object]:
    return {"key": "k", "score": None, "value": None, "comment": None, "source": None} | fields


def test_statistics_of_feedback_count_all_and_list_what_has_room(monkeypatch):
    monkeypatch.setattr(rows, "FEEDBACK_BYTES", 10)
    given = [opinion(score=float(n), value=f'"{n % 2}"', comment="x" * 4) for n in range(4)]
    found = rows.feedback_stats([*given, opinion(comment="y")])["k"]
    assert (found["n"], found["avg"], found["min"], found["max"]) == (5, 1.5, 0, 3)
    assert (found["values"], found["comments"]) == ({"0": 2, "1": 2}, ["x" * 4, "x" * 4])


def test_statistics_of_feedback_list_so_many_at_most(monkeypatch):
    monkeypatch.setattr(rows, "LISTED", 3)
    found = rows.feedback_stats([opinion(comment=str(n)) for n in range(5)])["k"]
    assert (found["n"], found["comments"], found["stdev"]) == (5, ["0", "1", "2"], None)
