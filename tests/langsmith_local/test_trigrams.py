"""The index of full text search: what it leaves out never matches, and what it knows may be old."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.langsmith_local import trigrams
from helpers.langsmith_local.filtering.search import search_condition
from helpers.langsmith_local.reading.query import Selection, page
from helpers.langsmith_local.store import Store
from tests.langsmith_local.stored import PROJECT, add_project, add_run, run_id

needs_index = pytest.mark.skipif(
    not trigrams.available(), reason="This Python's SQLite has no tokenizer of trigrams."
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "traces.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store(path)
    add_project(store.connection())
    yield store
    store.close()


def tend(store: Store, *changed: str) -> None:
    """Let the index catch up, with these runs as well."""
    many = store.connection().executemany
    many("INSERT INTO unsettled VALUES (?)", [(run_id(name),) for name in changed])
    while store.tend():
        pass


def candidates(store: Store, *texts: str) -> list[str]:
    """Return the names of the runs that the index does not leave out."""
    found = trigrams.candidates(*texts)
    assert found is not None
    sql = f"SELECT name FROM runs WHERE id IN ({found[0]}) ORDER BY name"
    return [row["name"] for row in store.connection().execute(sql, found[1])]


def found(store: Store, text: str) -> list[str]:
    """Return the names of the runs that a search finds."""
    selection = Selection((PROJECT,), (search_condition(text),))
    return sorted(row["name"] for row in page(store.connection(), selection, limit=100).rows)


def found_by_walk(store: Store, text: str) -> list[str]:
    """Return the same without the index."""
    where = dataclasses.replace(search_condition(text), narrowing=())
    selection = Selection((PROJECT,), (where,))
    return sorted(row["name"] for row in page(store.connection(), selection, limit=100).rows)


@needs_index
def test_a_run_without_the_letters_is_left_out(store):
    add_run(store.connection(), "one", inputs={"q": "xylophone"})
    add_run(store.connection(), "two", error="ÜBERLAUF")
    tend(store, "one", "two")
    assert candidates(store, "xylo") == ["one"]
    assert candidates(store, "überlauf") == ["two"]
    assert candidates(store, "überlauf", "xylo") == ["one", "two"]
    assert candidates(store, "violin") == []


@needs_index
def test_a_run_that_waits_is_a_candidate_for_everything(store):
    add_run(store.connection(), "one")
    store.connection().execute("INSERT INTO unsettled VALUES (?)", (run_id("one"),))
    store.settle()
    assert candidates(store, "violin") == ["one"]
    tend(store)
    assert candidates(store, "violin") == []


@needs_index
def test_a_run_that_changed_is_known_by_its_new_text(store):
    add_run(store.connection(), "one", inputs={"q": "xylophone"})
    tend(store, "one")
    store.connection().execute("UPDATE runs SET inputs = '\"violin\"'")
    tend(store, "one")
    assert candidates(store, "xylophone") == [] and candidates(store, "violin") == ["one"]


@needs_index
def test_a_long_run_is_not_indexed_and_found(store, monkeypatch):
    monkeypatch.setattr(trigrams, "LONGEST", 100)
    add_run(store.connection(), "one", inputs={"q": "x" * 100 + "violin"})
    tend(store, "one")
    assert candidates(store, "abc") == ["one"]
    assert found(store, "violin") == ["one"] and found(store, "abc") == []


@pytest.mark.parametrize("text", ['"', "AND", '" OR "', "NEAR(", "*x*", "text:", "a\0b", "-", "''"])
def test_what_the_index_reads_as_its_language_is_a_text(store, text):
    add_run(store.connection(), "one", error=f"before {text} after")
    add_run(store.connection(), "two")
    tend(store, "one", "two")
    assert found(store, f"{text} after") == ["one"]


@needs_index
def test_one_or_two_letters_are_looked_up_wherever_they_stand(store):
    add_run(store.connection(), "one", error="qzüj", inputs={"x": 'w"'}, tags=[], metadata={})
    add_run(store.connection(), "k")
    tend(store, "one", "k")
    for text in ("q", "qz", "zü", "üj", "j", "ü", 'w"', "w", "Ü", "}", "w\\"):
        assert found(store, text) == found_by_walk(store, text) != [], text
    assert candidates(store, "qz") == candidates(store, "j") == ["one"]
    assert candidates(store, "vv") == candidates(store, "§") == candidates(store, "vv", "§§§") == []
    assert candidates(store, "qz", "violin") == ["one"] and "k" in candidates(store, "k")
    assert trigrams.candidates("") is None


@needs_index
@pytest.mark.parametrize("text", ["\x01\ufffe", "\uffff", "a\ufffe\uffff"])
def test_what_sqlite_reads_as_another_letter_is_found(store, text):
    add_run(store.connection(), "a", error=f"{text}z")
    tend(store, "a")
    assert found(store, text) == found_by_walk(store, text) == ["a"]


@needs_index
def test_where_a_beginning_is_common_every_run_is_a_candidate(store, monkeypatch):
    for name in ("one", "two", "three"):
        add_run(store.connection(), name, error="qzü" if name != "three" else None)
    tend(store, "one", "two", "three")
    assert candidates(store, "qz") == ["one", "two"]
    fewer = trigrams._BEGINS.replace(f"doc > {trigrams.COMMON}", "doc > 1")
    monkeypatch.setattr(trigrams, "_BEGINS", fewer)
    assert candidates(store, "qz") == ["one", "three", "two"]
    assert found(store, "qz") == ["one", "two"]


@needs_index
def test_an_index_of_documents_without_an_end_begins_anew(path, store):
    add_run(store.connection(), "one", inputs={"q": "xylophone"})
    tend(store, "one")
    store.connection().execute("DROP TABLE vocabulary")
    store.close()
    again = Store(path)
    assert again.connection().execute("SELECT count(*) FROM unsearched").fetchone()[0] == 1
    tend(again)
    assert candidates(again, "xy") == ["one"]
    again.close()


def test_runs_that_an_older_version_stored_are_found(path, store):
    add_run(store.connection(), "old", inputs={"q": "xylophone"})
    for table in ("trigrams", "searched", "unsearched"):
        store.connection().execute(f"DROP TABLE IF EXISTS {table}")
    store.connection().execute("DROP TRIGGER settled")
    store.close()
    again = Store(path)
    assert found(again, "xylophone") == ["old"]
    tend(again)
    assert found(again, "xylophone") == ["old"] and found(again, "violin") == []
    again.close()


@needs_index
def test_of_a_run_that_is_erased_the_index_keeps_nothing(store):
    add_run(store.connection(), "one", inputs={"q": "xylophone"})
    tend(store, "one")
    matching = "SELECT count(*) FROM trigrams WHERE trigrams MATCH 'xyl'"
    assert store.connection().execute(matching).fetchone()[0] == 1
    store.connection().execute("DELETE FROM projects")
    store.erase()
    assert store.connection().execute(matching).fetchone()[0] == 0
    assert b"xyl" not in store.path.read_bytes()


@needs_index
def test_a_python_without_the_index_searches_reads_and_erases_all_the_same(
    path, store, monkeypatch
):
    add_run(store.connection(), "one", inputs={"q": "xylophone"})
    tend(store, "one")
    store.close()
    with monkeypatch.context() as patched:
        patched.setattr(trigrams, "available", lambda: False)
        without = Store(path)
        assert found(without, "xylophone") == ["one"]
        assert without.tend() is False
        without.connection().execute("DELETE FROM runs")
        without.erase()
        without.close()
    again = Store(path)
    assert again.connection().execute("SELECT count(*) FROM trigrams_idx").fetchone()[0] == 0
    add_run(again.connection(), "two", inputs={"q": "violin"})
    tend(again, "two")
    assert candidates(again, "xylo") == [] and candidates(again, "violin") == ["two"]
    again.close()


def test_making_it_again_keeps_what_is_there():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE runs (id TEXT PRIMARY KEY)")
    connection.execute("CREATE TABLE unsettled (run_id TEXT PRIMARY KEY)")
    connection.execute("INSERT INTO runs VALUES ('a')")
    trigrams.create(connection)
    connection.execute("DELETE FROM unsearched")
    trigrams.create(connection)
    assert connection.execute("SELECT count(*) FROM unsearched").fetchone()[0] == 0
