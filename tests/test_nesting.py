"""helpers.nesting: the metadata that puts LiteLLM's run beneath a run of one's own."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from langsmith.run_trees import RunTree

from helpers.langsmith_local.ingest import rules
from helpers.nesting import child_of
from helpers.paths import ROOT

LATER = datetime.now(UTC) + timedelta(minutes=5)


@pytest.fixture
def parent() -> RunTree:
    return RunTree(name="write_entry", project_name="one-project")


def run_of(metadata: dict[str, str]) -> dict[str, str]:
    """Return the ids of the run that LiteLLM makes of the metadata."""
    return {"id": metadata["run_id"]} | {
        key: metadata[key] for key in ("parent_run_id", "trace_id", "dotted_order")
    }


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_langsmith_accepts_the_child_of_any_run(parent, depth):
    for _ in range(depth - 1):
        parent = parent.create_child("step")
    rules.check_order(run_of(child_of(parent)), at="post.0", required=True)


def test_it_is_in_the_tree_and_the_project_of_its_parent(parent):
    metadata = child_of(parent.create_child("define"))
    assert metadata["trace_id"] == str(parent.id)
    assert metadata["project_name"] == "one-project"
    assert metadata["dotted_order"].startswith(parent.dotted_order + ".")


def test_each_call_gets_an_id_of_its_own(parent):
    assert child_of(parent)["run_id"] != child_of(parent)["run_id"]


def test_a_parent_that_a_faster_clock_began_is_still_earlier(parent):
    parent = RunTree(name="on another machine", start_time=LATER)
    rules.check_order(run_of(child_of(parent)), at="post.0", required=True)


def test_a_parent_known_only_by_its_headers_will_do(parent):
    received = RunTree.from_headers(parent.to_headers())
    assert child_of(received)["parent_run_id"] == str(parent.id)


def test_without_a_run_there_is_nothing_to_add():
    assert child_of(None) == {}


def test_all_values_are_text_as_openai_wants_them_in_metadata(parent):
    assert {type(value) for value in child_of(parent).values()} == {str}


def test_importing_it_does_not_import_langsmith():
    code = "import sys, helpers.nesting; sys.exit('langsmith' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0
