"""Feedback that comes along with runs is read more strictly."""

from __future__ import annotations

import uuid

import pytest

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest import opinions

GIVEN = {"trace_id": str(uuid.uuid4()), "key": "useful", "score": 1}


def test_a_part_that_names_its_trace_is_taken():
    found = opinions.columns(GIVEN | {"created_at": "2026-01-01T02:00:00+02:00"}, at="feedback.x")
    assert (found["trace_id"], found["score"]) == (GIVEN["trace_id"], 1.0)
    assert found["created_at"] == 1_767_225_600_000_000


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"trace_id": None}, r"feedback\.x\.trace_id: missing property"),
        ({"created_at": "2026-01-01T00:00:00"}, r"feedback\.x\.created_at: .*Z07:00"),
        ({"start_time": "2026-01-01T00:00:00"}, r"feedback\.x\.start_time: .*the letter Z"),
        ({"modified_at": "soon"}, r"feedback\.x: modified_at: a time is ISO 8601"),
        ({"score": "high"}, r"feedback\.x: score: must be a number"),
    ],
)
def test_a_part_that_langsmith_refuses_is_refused(given, said):
    with pytest.raises(Refusal, match=said) as refusal:
        opinions.columns(GIVEN | given, at="feedback.x")
    assert (refusal.value.status, refusal.value.key) == (422, "error")
