"""Statistics at hand: the same as worked out anew, whatever is written and by whom."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.langsmith_local.filtering.compile import compile_filter
from helpers.langsmith_local.reading import kept
from helpers.langsmith_local.reading.kept import kept_statistics, prepare
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.reading.stats import statistics
from helpers.langsmith_local.store import Store
from tests.langsmith_local.stored import PROJECT, add_feedback, add_project, add_run, run_id

WHOLE = Selection((PROJECT,))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "traces.sqlite")
    add_project(store.connection())
    add_run(store.connection(), "first", total_tokens=5)
    yield store
    store.close()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Selection]:
    """The selections of which statistics were worked out."""
    told: list[Selection] = []

    def count(connection: sqlite3.Connection, selection: Selection) -> dict[str, object]:
        told.append(selection)
        return statistics(connection, selection)

    monkeypatch.setattr(kept, "statistics", count)
    return told


def test_what_nothing_changed_is_not_worked_out_again(store, counted):
    first = kept_statistics(store, WHOLE)
    assert kept_statistics(store, Selection((PROJECT,))) == first
    assert counted == [WHOLE] and first["run_count"] == 1


def test_each_change_counts_at_once(store):
    connection = store.connection()
    kept_statistics(store, WHOLE)
    add_run(connection, "second", total_tokens=7)
    assert kept_statistics(store, WHOLE)["total_tokens"] == 12
    add_feedback(connection, "first", "helpful", 1.0)
    assert kept_statistics(store, WHOLE)["feedback_stats"]["helpful"]["n"] == 1
    connection.execute("DELETE FROM runs WHERE id = ?", (run_id("second"),))
    assert kept_statistics(store, WHOLE)["run_count"] == 1


def test_what_another_process_writes_counts(store):
    kept_statistics(store, WHOLE)
    with sqlite3.connect(store.path) as other:
        other.row_factory = sqlite3.Row
        add_run(other, "second")
    assert kept_statistics(store, WHOLE)["run_count"] == 2


def test_another_selection_has_its_own(store):
    assert kept_statistics(store, WHOLE)["run_count"] == 1
    assert kept_statistics(store, Selection(("none",)))["run_count"] == 0


def test_it_does_not_grow_without_end(store, monkeypatch):
    monkeypatch.setattr(kept, "ANSWERS", 3)
    for number in range(10):
        kept_statistics(store, Selection((PROJECT, str(number))))
    assert len(store.kept) <= 3


def test_those_of_a_large_project_are_worked_out_beforehand(store, counted, monkeypatch):
    assert not prepare(store) and counted == []
    monkeypatch.setattr(kept, "LEAST", 2)
    add_run(store.connection(), "second")
    add_run(store.connection(), "third", run_type="llm")
    assert [prepare(store) for _ in range(3)] == [True, True, False]
    of_chains = Selection((PROJECT,), (compile_filter('eq(run_type, "chain")'),))
    kept_statistics(store, WHOLE)
    kept_statistics(store, of_chains)
    assert counted == [WHOLE, of_chains]


def test_of_a_database_that_is_gone_there_are_none(store, counted, monkeypatch):
    monkeypatch.setattr(kept, "LEAST", 0)
    store.connection().execute("DROP TABLE feedback")
    assert not prepare(store) and len(counted) == 1
