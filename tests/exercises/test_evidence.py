"""What is asked of the traces of an attempt, and what is said when it is not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from helpers.exercises.evidence import Evidence, Lacking
from helpers.view import Run

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def run(name: str, *, parent: Run | None = None, after: int = 0, **fields: Any) -> Run:
    fields.setdefault("id", name)
    trace_id = parent.trace_id if parent else fields["id"]
    start = BEGUN + timedelta(seconds=after)
    parent_id = parent.id if parent else None
    return Run(trace_id=trace_id, name=name, start=start, parent_id=parent_id, **fields)


def evidence(*runs: Run) -> Evidence:
    return Evidence.of({"default": runs})


ROOT = run("entry")
LLM = run("ask", parent=ROOT, after=1, run_type="llm", total_tokens=7, tags=("new",))
TREE = evidence(LLM, ROOT)  # in no order


def test_runs_become_trees_in_the_order_they_began():
    later = run("other", after=5)
    seen = evidence(later, LLM, ROOT)
    assert [root.name for root in seen.roots] == ["entry", "other"]
    assert [each.name for each in seen.runs] == ["entry", "ask", "other"]


def test_traces_of_several_projects_are_looked_at_together():
    seen = Evidence.of({"a": [run("late", after=3)], "b": [run("early")]})
    assert [root.name for root in seen.roots] == ["early", "late"]
    assert [root.name for root in seen.projects["a"]] == ["late"]


def test_what_began_before_a_run_can_be_left_out():
    first, last = run("first", id="1"), run("last", id="2", after=3)
    with_first = evidence(first, last, run("of the first", parent=first, after=4))
    assert [each.name for each in with_first.since(last).runs] == ["last"]


def test_a_child_without_its_root_is_no_error():
    assert [root.name for root in evidence(LLM).roots] == ["ask"]


def test_what_is_there_is_returned():
    root = TREE.root("entry")
    assert TREE.root().name == TREE.trace("entry").name == "entry"
    assert TREE.beneath(root, kind="llm").name == TREE.beneath(root, name="ask").name == "ask"
    assert TREE.kind("llm").name == "ask"
    assert TREE.tokens(LLM) == 7
    assert [each.name for each in TREE.every(1, "entry")] == ["entry"]
    TREE.tag(LLM, "new")
    TREE.success(root)
    TREE.holds(True, "anything", "nothing")
    TREE.nowhere("a secret")
    failed = run("failed", error="KeyError: 'x'", metadata={"a": 1})
    assert evidence(failed).error(failed, "KeyError") == "KeyError: 'x'"
    assert evidence(failed).metadata(failed, "a", 1) == 1


FAILED = run("failed", error="KeyError: 'x'", metadata={"a": 1, "ls_method": "traceable"})
LACKING = [
    (lambda: evidence().root("entry"), "one trace whose root is entry", "no trace"),
    (lambda: TREE.root("lookup"), "one trace whose root is lookup", "one whose root is entry"),
    (lambda: evidence(ROOT, run("b")).root(), "one trace", "2 traces: entry, b"),
    (lambda: TREE.every(2, "entry"), "2 traces whose roots are entry", "one trace: entry"),
    (lambda: TREE.trace("b"), "a trace whose root is b", "one trace: entry"),
    (lambda: evidence(run("a", status="pending")).root(), "a to have ended", "it still running"),
    (lambda: TREE.beneath(ROOT, kind="tool"), "a run of kind tool beneath entry", "no run"),
    (lambda: TREE.kind("tool"), "a run of kind tool", "entry (chain), ask (llm)"),
    (lambda: TREE.tag(LLM, "old"), "the tag old on ask", "its tags: new"),
    (lambda: TREE.tag(ROOT, "old"), "the tag old on entry", "its tags: none"),
    (lambda: TREE.metadata(FAILED, "b"), "b in the metadata of failed", "these keys: a"),
    (lambda: TREE.metadata(FAILED, "a", 2), "a to be 2 in failed", "1"),
    (lambda: TREE.tokens(ROOT), "a count of tokens on entry", "none"),
    (lambda: TREE.error(ROOT), "an error on entry", "status success"),
    (lambda: TREE.error(FAILED, "URL"), "an error with “URL” on failed", "KeyError: 'x'"),
    (lambda: evidence(FAILED).success(FAILED), "failed without an error", "KeyError: 'x'"),
    (lambda: TREE.holds(False, "more", {"a": 1}), "more", '{"a": 1}'),
    (lambda: evidence(FAILED).nowhere("KeyError"), "“KeyError” in no trace", "in its error"),
]


@pytest.mark.parametrize(("ask", "expected", "found"), LACKING)
def test_what_is_not_there_is_said_beside_what_is(ask: Any, expected: str, found: str):
    with pytest.raises(Lacking) as lacking:
        ask()
    assert lacking.value.expected == expected
    assert found in lacking.value.found


def test_a_right_beneath_is_not_a_deeper_one():
    deep = run("deep", parent=LLM, after=2)
    deep = Run(**{**vars(deep), "trace_id": "entry", "parent_id": "ask"})
    seen = evidence(ROOT, LLM, deep)
    assert seen.beneath(seen.root(), name="deep").name == "deep"
    with pytest.raises(Lacking, match="right beneath entry"):
        seen.beneath(seen.root(), name="deep", deep=False)
