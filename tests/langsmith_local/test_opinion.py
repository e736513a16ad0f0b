"""Feedback as it is sent becomes columns, and is shown as it was sent."""

from __future__ import annotations

import sqlite3
import uuid

import pytest

from helpers.langsmith_local import opinion
from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.schema import SCHEMA


@pytest.fixture
def connection() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    return connection


def test_what_was_given_is_shown(connection):
    given = {
        "id": str(uuid.uuid4()),
        "run_id": str(uuid.uuid4()),
        "key": "useful",
        "value": {"a": 1},
        "correction": "better",
        "feedback_source": {"type": "app"},
        "created_at": "2026-01-01T00:00:00.000001",
    }
    opinion.insert(connection, opinion.columns(given))
    found = opinion.shown(connection.execute("SELECT * FROM feedback").fetchone())
    assert given.items() <= found.items()
    assert found["score"] is found["session_id"] is None


def test_true_is_a_score():
    assert opinion.changes({"score": True}) == {"score": 1.0}


def test_a_field_of_a_wrong_kind_is_named():
    with pytest.raises(Refusal, match="value: must be a text, a number") as refusal:
        opinion.columns({"key": "k", "value": []})
    assert (refusal.value.status, refusal.value.field) == (422, "value")


def test_an_id_has_one_spelling():
    assert opinion.uuid_of("A" * 32, "run_id") == "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
