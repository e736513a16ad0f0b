"""Runs that lack a key are found by the sets of keys that there are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.langsmith_local import keysets
from helpers.langsmith_local.filtering import compile_filter
from helpers.langsmith_local.reading.query import Selection, page
from helpers.langsmith_local.store import Store
from tests.langsmith_local.stored import PROJECT, add_project, add_run, run_id


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "traces.sqlite")
    add_project(store.connection())
    yield store
    store.close()


def may_lack(store: Store, key: str) -> list[str]:
    sql, params = keysets.without(key)
    rows = store.connection().execute(f"SELECT name FROM runs WHERE id IN ({sql})", params)
    return sorted(row["name"] for row in rows)


def lack(store: Store, key: str) -> list[str]:
    selection = Selection((PROJECT,), (compile_filter(f'neq(metadata_key, "{key}")'),))
    return sorted(row["name"] for row in page(store.connection(), selection, limit=100).rows)


def settle(store: Store, *names: str) -> None:
    store.connection().executemany(
        "INSERT INTO unsettled VALUES (?)", [(run_id(name),) for name in names]
    )
    store.settle()


def test_a_run_is_led_to_by_the_sets_that_lack_a_key(store):
    for name, metadata in (("a", {"x": 1}), ("b", {"x": 2, "y": {"z": 1}}), ("c", {})):
        add_run(store.connection(), name, metadata=metadata)
    settle(store, "a", "b", "c")
    for key, names in {"x": ["c"], "y.z": ["a", "c"], "y": ["a", "b", "c"]}.items():
        assert may_lack(store, key) == lack(store, key) == names


def test_equal_keys_are_one_set(store):
    for number in range(5):
        add_run(store.connection(), f"run {number}", metadata={"x": number, "y": 1})
    assert store.connection().execute("SELECT count(*) FROM key_sets").fetchone()[0] == 1


def test_a_run_that_changed_has_another_set(store):
    add_run(store.connection(), "a", metadata={"x": 1})
    store.connection().execute("""UPDATE runs SET metadata = '{"y": 1}'""")
    settle(store, "a")
    assert (lack(store, "x"), lack(store, "y")) == (["a"], [])


def test_what_another_version_has_settled_may_lack_any_key(store):
    add_run(store.connection(), "a", metadata={"x": 1})
    settle(store, "a")
    assert may_lack(store, "x") == []
    store.connection().execute("INSERT INTO unsettled SELECT id FROM runs")
    store.connection().execute("DELETE FROM unsettled")  # as it does, and no more
    assert (may_lack(store, "x"), lack(store, "x")) == (["a"], [])


def test_a_file_without_sets_is_read_as_before(store):
    add_run(store.connection(), "a", metadata={"x": 1})
    for table in ("run_keys", "key_set_keys", "key_sets"):
        store.connection().execute(f"DROP TABLE {table}")
    again = Store(store.path)
    assert (may_lack(again, "x"), lack(again, "x"), lack(again, "y")) == (["a"], [], ["a"])
    again.close()


def test_nothing_stays_of_keys_that_no_run_has(store):
    add_run(store.connection(), "a", metadata={"marigold": 1})
    store.connection().execute("DELETE FROM projects")
    store.erase()
    assert b"marigold" not in store.path.read_bytes()
