"""The parts of a query: what is taken, and which one is wrong."""

from __future__ import annotations

import orjson
import pytest

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.reading import arguments as ask
from helpers.langsmith_local.reading.query import QueryError

ID = "aaaaaaaa-0000-4000-8000-000000000001"
DEEP = orjson.loads("[" * 1_000 + "]" * 1_000)


def test_what_is_missing_or_null_is_none():
    for given in ({}, {"x": None}):
        assert ask.uuids(given, "x") == []
        assert ask.text(given, "x") is ask.when(given, "x") is ask.flag(given, "x") is None
        assert ask.one_of(given, "x", ("a",)) is None
        assert ask.size(given, "x", default=20, most=100) == 20


def test_one_id_or_several_come_as_a_list():
    assert ask.uuids({"x": ID.upper()}, "x") == ask.uuids({"x": [ID]}, "x") == [ID]


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (ask.uuids, "me"),
        (ask.text, 5),
        (ask.when, "soon"),
        (ask.flag, "yes"),
        (ask.flag, DEEP),
        (ask.text, DEEP),
        (ask.uuids, {ID: 1}),
        (ask.uuids, 7),
        (ask.uuids, [ID] * 10_001),
        (ask.when, "0001-01-01T00:00:00+23:59"),
        (lambda given, name: ask.one_of(given, name, (1,)), True),
        (lambda given, name: ask.one_of(given, name, (1,)), 2**63),
        (lambda given, name: ask.one_of(given, name, ("a", "b")), DEEP),
        (lambda given, name: ask.size(given, name, default=1, most=10), "9" * 5_000),
        (lambda given, name: ask.one_of(given, name, ("a", "b")), "c"),
        (lambda given, name: ask.size(given, name, default=1, most=10), 11),
        (lambda given, name: ask.size(given, name, default=1, most=10), True),
    ],
)
def test_what_is_wrong_is_named(read, value):
    with pytest.raises(QueryError, match="part") as error:
        read({"part": value}, "part")
    assert error.value.field == "part"


def test_selected_fields_must_be_known_and_come_once():
    assert ask.selects({"selects": ["B", "A", "B"]}, ["A", "B"]) == ["B", "A"]
    with pytest.raises(QueryError, match="A, B"):
        ask.selects({"selects": ["C"]}, ["A", "B"])


def test_a_window_reaches_back_a_day_unless_said_otherwise():
    assert len(ask.window({})) == 1 and ask.window({}, past=None) == []
    given = {"min_start_time": "2026-01-01", "max_start_time": "2026-01-02"}
    assert [one.sql for one in ask.window(given)] == ["r.start_time >= ?", "r.start_time <= ?"]


def test_what_is_not_served_is_said_to_be_so():
    with pytest.raises(Refusal, match="does not serve ai_query") as refusal:
        ask.served({"ai_query": "slow ones"})
    assert refusal.value.status == 501


def test_the_nearest_known_word_is_named():
    with pytest.raises(QueryError, match="Did you mean start_time"):
        ask.one_of({"select": "startTime"}, "select", ("end_time", "start_time"))
