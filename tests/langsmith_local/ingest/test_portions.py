"""Multipart bodies in portions: those of a run together, and no more than fits in memory."""

from __future__ import annotations

import pytest

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest.portions import portions, whole
from helpers.langsmith_local.state import Scattered

JSON = "application/json"


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr("helpers.langsmith_local.ingest.portions.PORTION_BYTES", 10)


def parts(*names: str, content: bytes = b"{}      ") -> list[tuple[str, str, bytes]]:
    return [(name, JSON, content) for name in names]


def test_a_portion_ends_with_a_run():
    given = parts("post.1", "post.1.inputs", "post.1.extra", "patch.1", "post.2", "post.2.inputs")
    assert list(portions(iter(given))) == [given[:3], given[3:]]


def test_all_that_is_small_is_one_portion_and_nothing_is_none():
    assert list(portions(parts("post.1"))) == [parts("post.1")]
    assert list(portions([])) == []


def test_parts_of_a_run_that_are_in_two_portions_are_told():
    with pytest.raises(Scattered):
        list(portions(parts("post.1", "post.2", "post.3", "post.1.inputs")))


def test_attachments_may_stand_anywhere():
    given = parts("post.1", "post.2", "attachment.1.a", "attachment.2.a", "attachment.1.b")
    assert [part for portion in portions(given) for part in portion] == given


def test_what_would_take_too_much_memory_is_refused(monkeypatch):
    monkeypatch.setattr("helpers.langsmith_local.ingest.portions.JSON_BYTES", 5_000)
    heavy = [("post.1.inputs", JSON, b"[%s0]" % (b"[]," * 60))]
    for reading in (whole, lambda given: list(portions(given))):
        with pytest.raises(Refusal, match="bytes of memory") as refusal:
            reading(heavy)
        assert refusal.value.status == 413
    light = [("attachment.1.a", "text/plain", b"[%s0]" % (b"[]," * 60))]
    assert whole(light) == light
