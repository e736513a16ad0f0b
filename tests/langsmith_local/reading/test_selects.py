"""The fields that v2 selects."""

from __future__ import annotations

from helpers.langsmith_local import schema
from helpers.langsmith_local.reading.rows import Beside
from helpers.langsmith_local.reading.selects import (
    RUN_FIELDS,
    RUN_TYPES,
    paged,
    shown,
    without_nulls,
)

NOTHING = Beside("tenant", {}, {})
HERE = "http://127.0.0.1:1"


def test_a_field_without_a_value_is_left_out():
    row = {"name": "define", "thread_id": None}
    names = ["NAME", "THREAD_ID", "SHARE_URL"]
    assert shown(row, names, NOTHING, RUN_FIELDS) == {"name": "define"}


def test_enums_are_upper_case():
    assert shown({"run_type": "llm"}, ["RUN_TYPE"], NOTHING, RUN_FIELDS) == {"run_type": "LLM"}
    assert [each.lower() for each in RUN_TYPES] == list(schema.RUN_TYPES)


def test_attachments_are_whole_addresses():
    beside = Beside("tenant", {}, {"1": {"a b": ("/attachments/1/a%20b?s=1", "image/png")}}, HERE)
    found = shown({"id": "1"}, ["ATTACHMENTS"], beside, RUN_FIELDS)
    assert found == {"attachments": {"a b": f"{HERE}/attachments/1/a%20b?s=1"}}


def test_the_last_page_has_no_cursor():
    assert paged([], None) == {"items": [], "has_more": False}
    assert paged([], "c") == {"items": [], "has_more": True, "next_cursor": "c"}


def test_unknown_statistics_are_left_out():
    assert without_nulls({"k": {"n": 1, "avg": None}}) == {"k": {"n": 1}}
