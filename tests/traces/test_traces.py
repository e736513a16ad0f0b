"""What a notebook calls: show, explore, wait and query."""

from __future__ import annotations

import asyncio

import langsmith
import pytest

from helpers import traces
from helpers.traces import Traces
from tests.traces import calls
from tests.traces.calls import define, fail


def test_what_is_shown_holds_no_id_address_or_path(url: str):
    define("HTTP")
    with pytest.raises(ValueError):
        fail("x")
    shown = traces.show(last=2, metadata=True)
    drawn = "".join(shown._repr_mimebundle_().values())
    for secret in (shown.root.id, url, url.rpartition(":")[2], calls.__file__, "revision_id"):
        assert secret not in drawn


def test_the_last_traces_come_oldest_first():
    for term in ("a", "b", "c"):
        define(term)
    shown = traces.show(last=2)
    assert isinstance(shown, Traces) and [t.root.inputs["term"] for t in shown] == ["b", "c"]
    assert shown.root.inputs == {"term": "c"} and len(traces.show(last=9)) == 3


def test_a_name_restricts_to_root_runs_of_that_name():
    define("HTTP")
    with pytest.raises(ValueError):
        fail('say "x"')
    assert traces.show("define").root.name == "define"
    none = traces.show("answer")
    assert not none and str(none).splitlines()[1] == "- Its traces: fail, define."


def test_traces_of_another_project_are_shown_by_its_name():
    with langsmith.tracing_context(project_name="another"):
        define("HTTP")
    assert not traces.show()
    assert traces.show(project="another").project == "another"


def test_wait_leaves_the_loop_free_for_what_sends():
    async def cell() -> Traces:
        async def later() -> None:
            await asyncio.sleep(0.1)
            define("HTTP")

        task = asyncio.create_task(later())
        found = await traces.wait(timeout=10)
        await task
        return found

    assert asyncio.run(cell()).root.name == "define"


def test_wait_returns_what_there_is_when_time_is_up():
    define("HTTP")
    found = asyncio.run(traces.wait(3, timeout=0.1))
    assert len(found) == 1 and "1 of 3 traces were complete after 0.1 s" in str(found)


def test_wait_can_ask_for_a_number_of_runs():
    define("HTTP")
    short = asyncio.run(traces.wait(runs=3, timeout=0.1))
    assert short.root.name == "define" and short.note.startswith("0 of 1 traces were complete")
    define("DNS")
    assert not asyncio.run(traces.wait(runs=2)).note


def test_wait_does_not_return_the_same_trace_twice():
    define("HTTP")
    asyncio.run(traces.wait())
    assert not asyncio.run(traces.wait(timeout=0.1))
    define("DNS")
    assert asyncio.run(traces.wait()).root.inputs == {"term": "DNS"}


def test_query_returns_the_runs_that_pass_the_filter():
    define("HTTP")
    assert [run.name for run in traces.query('eq(run_type, "llm")')] == ["answer"]
    of_define = traces.query('eq(run_type, "llm")', trace_filter='eq(name, "define")')
    assert len(of_define) == 1 and traces.query(project="none there") == []
    assert len(traces.query(limit=1)) == 1


def test_explore_is_a_widget_of_the_newest_trace():
    define("HTTP")
    shown = traces.explore()
    assert [row["name"] for row in shown.rows] == ["define"]
    assert [run["name"] for (runs,) in [shown.runs.values()] for run in runs] == [
        "define",
        "answer",
    ]
