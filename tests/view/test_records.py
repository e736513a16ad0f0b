from __future__ import annotations

from datetime import UTC, datetime

import pytest

from helpers import traces
from helpers.traces import ReadError, Run, Traces
from helpers.view.records import tree
from tests.traces.calls import define


def test_what_a_cell_shows_is_text_and_html():
    define("HTTP")
    bundle = traces.show()._repr_mimebundle_()
    assert bundle["text/plain"].startswith("define  chain  ok  ")
    assert "You said HTTP." in bundle["text/html"]


def test_find_names_the_runs_there_are():
    define("HTTP")
    with pytest.raises(ReadError, match="Its runs: define, answer"):
        traces.show().root.find("nothing")


def test_a_run_whose_parent_is_missing_hangs_on_the_root():
    runs = [
        Run("r", "r", "root", datetime(2026, 1, 1, tzinfo=UTC)),
        Run("o", "r", "orphan", datetime(2026, 1, 2, tzinfo=UTC), parent_id="lost"),
    ]
    assert tree(runs, "r").find("orphan").id == "o"


def test_no_traces_are_false_and_say_why():
    none = Traces(project="p", note="No trace in project p yet. Likely reasons:\n- Nothing <ran>.")
    assert not none and str(none) == none.note
    bundle = none._repr_mimebundle_()
    assert (
        bundle["text/plain"] == none.note and "<li>Nothing &lt;ran&gt;.</li>" in bundle["text/html"]
    )
