"""What of a run is shown beside its fields: metadata, thread, usage, first token."""

from __future__ import annotations

import json

import pytest

from helpers.langsmith_local.ingest.columns import columns, metadata, status, thread_id
from helpers.langsmith_local.ingest.rules import as_texts


def of(run: dict) -> dict:
    return columns(run, as_texts(run, at="post.0"), {})


def test_the_sdk_s_metadata_is_shown_alone():
    extra = {"metadata": {"a": 1}, "runtime": {"sdk": "x"}, "invocation_params": {}}
    assert metadata(extra) == {"a": 1}


def test_litellm_s_flat_extra_is_shown_as_metadata_without_nulls():
    extra = {"user_api_key_alias": None, "requester_metadata": {"a": 1}, "runtime": {}}
    assert metadata(extra) == {"requester_metadata": {"a": 1}}


@pytest.mark.parametrize(
    ("shown", "thread"),
    [
        ({"thread_id": "t"}, "t"),
        ({"conversation_id": "c"}, "c"),
        ({"session_id": "s", "thread_id": "t"}, "s"),
        ({"requester_metadata": {"thread_id": "t"}}, "t"),
        ({"thread_id": 7}, "7"),
        ({"thread_id": ""}, None),
        ({"requester_metadata": "text"}, None),
        ({}, None),
    ],
)
def test_a_thread_is_named_in_metadata(shown, thread):
    assert thread_id(shown) == thread


@pytest.mark.parametrize(
    ("error", "end", "expected"),
    [(None, None, "pending"), (None, 1, "success"), ("E", 1, "error"), ("E", None, "error")],
)
def test_the_status_follows_from_error_and_end(error, end, expected):
    assert status(error, end) == expected


@pytest.mark.parametrize("place", ["outputs", "extra"])
def test_usage_is_found_in_outputs_and_in_metadata(place):
    reported = {"usage_metadata": {"input_tokens": 1}}
    run = {place: {"metadata": reported} if place == "extra" else reported}
    assert of(run)["usage"] == {"input_tokens": 1}


def test_the_first_token_s_time_is_that_of_its_event():
    events = [{"name": "start"}, {"name": "new_token", "time": "1970-01-01T00:00:01Z"}]
    assert of({"events": events})["first_token_time"] == 1_000_000


def test_json_that_came_as_text_is_kept_as_it_is():
    assert columns({"inputs": {"a": 1}}, {"inputs": '{"a": 1}'}, {})["inputs"] == '{"a": 1}'


def test_usage_that_reports_nothing_gives_way_to_the_next_place():
    run = {
        "outputs": {"usage_metadata": {}},
        "extra": {"metadata": {"usage_metadata": {"input_tokens": 1}}},
    }
    assert of(run)["usage"] == {"input_tokens": 1}
    assert "usage" not in of({"outputs": {"usage_metadata": {}}})


def test_runs_with_the_same_extra_show_the_same():
    known: dict = {}
    texts = [as_texts({"extra": {"metadata": {"thread_id": name}}}, at="post.0") for name in "aba"]
    runs = [({"extra": json.loads(given["extra"])}, given) for given in texts]
    assert [columns(*run, known)["thread_id"] for run in runs] == ["a", "b", "a"]
    assert columns(*runs[0], known)["metadata"] == '{"thread_id":"a"}'
