"""What the browser is given of traces: plain JSON, bounded, and whole on request."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from helpers.view import Run
from helpers.view.explorer.rows import LARGE, row_of, runs_of

BEGAN = datetime(2026, 11, 25, tzinfo=UTC)


def run(name: str, *children: Run, after: float = 0.0, **fields: Any) -> Run:
    start = BEGAN + timedelta(seconds=after)
    known = {"id": name, "trace_id": "t", "seconds": 1.0, "start": start}
    return Run(**{**known, **fields}, name=name, children=children)


def test_runs_come_in_the_order_of_the_tree_with_their_depth_and_place():
    root = run("a", run("b", run("c", after=0.5), after=0.25), run("d", after=0.75))
    found = runs_of(root)
    assert [(each["name"], each["depth"], each["from"]) for each in found] == [
        ("a", 0, 0.0),
        ("b", 1, 0.25),
        ("c", 2, 0.5),
        ("d", 1, 0.75),
    ]
    assert [each["parent"] for each in found] == [True, True, False, False]


def test_all_that_a_run_holds_is_there():
    held = run("a", inputs={"x": [1]}, outputs={"y": "z"}, metadata={"k": 1}, tags=("t",))
    (found,) = runs_of(held)
    assert (found["inputs"], found["outputs"]) == ({"x": [1]}, {"y": "z"})
    assert (found["metadata"], found["tags"], found["cut"]) == ({"k": 1}, ["t"], False)


def test_a_large_run_is_left_out_until_it_is_asked_for():
    large = run("a", inputs={"x": "y" * (LARGE + 1)})
    (before,), (after,) = runs_of(large), runs_of(large, whole=True)
    assert before["cut"] and before["inputs"] == {} and len(json.dumps(before)) < 2000
    assert not after["cut"] and len(after["inputs"]["x"]) == LARGE + 1


def test_what_json_has_no_word_for_becomes_text():
    (found,) = runs_of(run("a", inputs={"at": BEGAN}))
    assert found["inputs"] == {"at": str(BEGAN)}


def test_a_row_previews_the_last_message_and_the_error():
    said = {"messages": [{"role": "user", "content": "one"}, {"role": "user", "content": "two"}]}
    row = row_of(run("a", inputs=said, error="ValueError: no\n\nTraceback", status="error"))
    assert row["input"] == 'user: "two"' and row["output"] == "ValueError: no"


def test_invisible_characters_of_names_are_written_out():
    assert row_of(run("a\u202eb"))["name"] == "a\\u202eb"
