"""What LangSmith's ingestion refuses, and how."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest import rules

ONE = "20260101T000000000000Z"
TWO = "20260101T000000000001Z"
A = "aaaaaaaa-0000-4000-8000-000000000001"
B = "bbbbbbbb-0000-4000-8000-000000000002"
C = "cccccccc-0000-4000-8000-000000000003"
ROOT = {"id": A, "trace_id": A, "dotted_order": ONE + A}
CHILD = {"id": B, "trace_id": A, "parent_run_id": A, "dotted_order": f"{ONE}{A}.{TWO}{B}"}


def order_refusal(run: dict) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        rules.check_order(dict(run), at="post.0", required=True)
    return refusal.value


def schema_refusal(**fields: object) -> Refusal:
    run = {"name": "n", "run_type": "llm"} | fields
    with pytest.raises(Refusal) as refusal:
        rules.check_schema(run, at="post.0", post=True)
    return refusal.value


@pytest.mark.parametrize("run", [ROOT, CHILD], ids=["root", "child"])
def test_consistent_ids_pass(run):
    rules.check_order(dict(run), at="post.0", required=True)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (CHILD | {"dotted_order": ONE + B}, "must contain at least two parts for child runs"),
        (ROOT | {"dotted_order": CHILD["dotted_order"]}, "a single part for root runs"),
        (ROOT | {"trace_id": C}, f"trace_id {C} does not match first part of dotted_order"),
        (CHILD | {"id": C}, f"run_id {C} does not match last part of dotted_order"),
        (CHILD | {"dotted_order": f"{TWO}{A}.{ONE}{B}"}, "earlier than parent timestamp"),
        (ROOT | {"dotted_order": "2026-01-01" + A}, "invalid timestamp in dotted_order"),
        (ROOT | {"dotted_order": "20261301T000000000000Z" + A}, "invalid timestamp"),
        (ROOT | {"dotted_order": ONE + "me"}, "invalid UUID in dotted_order me at index 0"),
        (ROOT | {"dotted_order": ""}, "invalid timestamp"),
    ],
)
def test_an_inconsistent_dotted_order_is_a_bad_request(run, message):
    refusal = order_refusal(run)
    assert (refusal.status, refusal.key) == (400, "error")
    assert message in refusal.message
    assert f"run_id:{run['id']}" in refusal.message


@pytest.mark.parametrize("key", ["id", "trace_id", "dotted_order"])
def test_a_batch_needs_all_ids(key):
    run = {name: value for name, value in ROOT.items() if name != key}
    assert order_refusal(run).message.endswith(f"post.0.{key}: missing property")


def test_ids_in_capitals_are_the_same_ids():
    run = {"id": A, "trace_id": A, "dotted_order": ONE + A.upper()}
    rules.check_order(run, at="post.0", required=True)
    assert run["dotted_order"] == ONE + A


@pytest.mark.parametrize(
    ("day", "there"),
    [
        *(("20240229", True), ("20000229", True), ("20260228", True), ("20261231", True)),
        *(("20260229", False), ("19000229", False), ("20260230", False), ("20260431", False)),
        *(("20260132", False), ("20261301", False), ("20260100", False)),
    ],
)
def test_the_days_of_an_order_are_those_of_the_calendar(day, there):
    run = {"id": A, "trace_id": A, "dotted_order": f"{day}T000000000000Z{A}"}
    if there:
        rules.check_order(run, at="post.0", required=True)
    else:
        assert "invalid timestamp in dotted_order" in order_refusal(run).message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"session_id": "chat-7"}, "post.0.session_id: Must validate one and only one schema"),
        ({"id": "me"}, "post.0.id: Must validate"),
        ({"id": 7}, "post.0.id: Must validate"),
        ({"parent_run_id": "me"}, "post.0.parent_run_id: Must validate"),
        ({"run_type": "agent"}, "post.0.run_type: value must be one of tool, chain, llm"),
        ({"run_type": ["llm"]}, "post.0.run_type: value must be one of"),
        ({"run_type": None}, "post.0.run_type: missing property"),
        ({"name": None}, "post.0.name: missing property"),
        ({"name": 1}, "post.0.name: must be string"),
        ({"start_time": "yesterday"}, "post.0.start_time: is not a valid date-time"),
        ({"end_time": True}, "post.0.end_time: is not a valid date-time"),
        ({"inputs": "text"}, "post.0.inputs: must be object"),
        ({"outputs": []}, "post.0.outputs: must be object"),
        ({"events": {}}, "post.0.events: must be array of objects"),
        ({"events": ["new_token"]}, "post.0.events: must be array of objects"),
        ({"tags": ["a", 1]}, "post.0.tags: must be array of strings"),
    ],
)
def test_a_field_of_a_wrong_kind_is_unprocessable(fields, message):
    refusal = schema_refusal(**fields)
    assert (refusal.status, refusal.key) == (422, "error")
    assert "invalid batch JSON: batch schema error" in refusal.message
    assert message in refusal.message


def test_nulls_and_unknown_fields_are_left_out():
    run = {"name": "n", "run_type": "llm", "error": None, "child_runs": []}
    assert rules.check_schema(run, at="post.0", post=True) == {"name": "n", "run_type": "llm"}


def test_a_patch_needs_no_name():
    assert rules.check_schema({"outputs": {}}, at="patch.0", post=False) == {"outputs": {}}


def test_a_dotted_order_names_the_runs_from_the_root_down():
    order = rules.dotted_order(1_767_225_600_000_001, B, parent=ONE + A)
    assert order == CHILD["dotted_order"]
    assert rules.segments(order) == [A, B]


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({"start_time": "0001-01-01T00:00:00+23:59"}, "1900 to 2299"),
        ({"end_time": 1e300}, "1900 to 2299"),
        ({"execution_order": 2**63}, str(2**63 - 1)),
        ({"execution_order": True}, "must be integer"),
        ({"name": "n" * 1_001}, "at most 1000 characters"),
        ({"session_name": "a\0b"}, "NUL"),
    ],
)
def test_a_value_beyond_a_bound_is_refused_with_the_field_and_the_bound(fields, limit):
    refusal = schema_refusal(**fields)
    assert refusal.status == 422
    assert f"post.0.{next(iter(fields))}: " in refusal.message and limit in refusal.message


def test_json_that_is_too_deep_is_refused_with_the_field():
    deep: dict = {}
    for _ in range(300):
        deep = {"a": deep}
    with pytest.raises(Refusal, match=r"patch\.1\.outputs: must not nest deeper than 200 levels"):
        rules.as_texts({"outputs": deep}, at="patch.1")
