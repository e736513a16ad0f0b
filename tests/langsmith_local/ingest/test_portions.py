"""Multipart bodies in portions: those of a run together, and no more than fits in memory."""

from __future__ import annotations

from collections.abc import Iterable

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
    held = b"[%s0]" % (b"[]," * 60)
    heavy, light = ("post.1.inputs", JSON, held), ("attachment.1.a", JSON, held)
    for reading in (lambda part: list(portions([part])), in_one):
        assert list(reading(light)) == [light] or list(reading(light)) == [[light]]
        with pytest.raises(Refusal, match="bytes of memory") as refusal:
            list(reading(heavy))
        assert refusal.value.status == 413


def in_one(part: tuple[str, str, bytes]) -> Iterable[tuple[str, str, bytes]]:
    name, kind, content = part
    head = f'Content-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}; length='
    body = b"--B\r\n%s%d\r\n\r\n%s\r\n--B--" % (head.encode(), len(content), content)
    return whole(body, "multipart/form-data; boundary=B")
