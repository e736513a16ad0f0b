"""Changes that wait for their runs."""

from __future__ import annotations

from helpers.langsmith_local.ingest import early


def test_changes_wait_in_their_order_until_they_are_taken(store):
    connection = store.connection()
    for run_id, name in (("a", "first"), ("b", "other"), ("a", "second")):
        early.keep(connection, ({"id": run_id, "name": name}, {"inputs": "{}"}))
    taken = early.take(connection, ["a", "c"])
    assert [(run["name"], texts) for run, texts in taken] == [
        ("first", {"inputs": "{}"}),
        ("second", {"inputs": "{}"}),
    ]
    assert (early.take(connection, ["a"]), len(early.take(connection, ["b"]))) == ([], 1)
