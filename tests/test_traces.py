from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import langsmith
import pytest
from langsmith import run_trees, utils

from helpers import traces
from helpers.langsmith_local import create_app
from helpers.server import serving
from helpers.traces import ReadError, Run, Trace, Traces

USAGE = {"input_tokens": 5, "output_tokens": 37, "total_tokens": 42, "total_cost": 0.25}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database: Path = tmp_path_factory.mktemp("langsmith") / "runs.sqlite"
    with serving(create_app(database), name="local LangSmith") as address:
        yield address


@pytest.fixture(autouse=True)
def project(url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Point the SDK at the local service, with a project of the test's own."""
    name = request.node.name[:80]
    for key, value in {
        "LANGSMITH_ENDPOINT": url,
        "LANGSMITH_PROJECT": name,
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_API_KEY": "local",
    }.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr(run_trees, "_CLIENT", None)
    utils.get_env_var.cache_clear()
    utils.get_tracer_project.cache_clear()
    request.addfinalizer(utils.get_env_var.cache_clear)
    return name


@langsmith.traceable(run_type="llm")
def answer(messages: list[dict[str, str]]) -> dict[str, object]:
    return {
        "role": "assistant",
        "content": f"You said {messages[0]['content']}.",
        "usage_metadata": USAGE,
    }


@langsmith.traceable(tags=["glossary"], metadata={"user": "ada"})
def define(term: str) -> str:
    return str(answer([{"role": "user", "content": term}])["content"])


@langsmith.traceable
def fail(term: str) -> None:
    raise ValueError(f"no such term: {term}")


def test_the_newest_trace_is_read_back_as_a_tree():
    define("TCP")
    define("HTTP")
    trace = traces.show()
    assert isinstance(trace, Trace) and trace.root.complete
    root, child = trace.root, trace.root.find("answer")
    assert (root.inputs, root.outputs) == ({"term": "HTTP"}, {"output": "You said HTTP."})
    assert (root.run_type, root.status, child.run_type) == ("chain", "success", "llm")
    assert (child.parent_id, child.trace_id) == (root.id, root.trace_id) == (root.id, root.id)
    assert root.tags == ("glossary",) and root.metadata["user"] == "ada"
    assert (root.total_tokens, child.prompt_tokens, child.total_cost) == (42, 5, 0.25)
    assert root.seconds is not None and root.end is not None and root.end > root.start


def test_what_a_cell_shows_is_text_and_html():
    define("HTTP")
    bundle = traces.show()._repr_mimebundle_()
    assert bundle["text/plain"].startswith("define  chain  ok  ")
    assert "You said HTTP." in bundle["text/html"]


def test_what_is_shown_holds_no_id_address_or_path(url: str):
    define("HTTP")
    with pytest.raises(ValueError):
        fail("x")
    shown = traces.show(last=2, metadata=True)
    drawn = "".join(shown._repr_mimebundle_().values())
    for secret in (shown.root.id, url, url.rpartition(":")[2], __file__, "revision_id"):
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


def test_an_error_is_read_and_shown():
    with pytest.raises(ValueError):
        fail("x")
    trace = traces.show()
    assert trace.root.status == "error" and "Traceback" in trace.root.error
    assert str(trace).endswith("✗    ValueError: no such term: x")


def test_show_works_inside_a_running_loop():
    async def cell() -> Trace | Traces:
        define("HTTP")
        return traces.show()

    assert asyncio.run(cell()).root.name == "define"


def test_traces_of_another_project_are_shown_by_its_name():
    with langsmith.tracing_context(project_name="another"):
        define("HTTP")
    assert not traces.show()
    assert traces.show(project="another").project == "another"


def test_the_queue_of_a_client_of_ones_own_is_sent_too():
    own = langsmith.Client()
    define("HTTP", langsmith_extra={"client": own})
    assert traces.show(client=own).root.name == "define"


def test_no_trace_says_what_the_reason_may_be(project: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANGSMITH_TRACING", "True")
    none = traces.show()
    assert not none and f"No trace in project {project} yet." in str(none)
    assert 'LANGSMITH_TRACING is "True"; the SDK traces only when it is exactly "true".' in str(
        none
    )
    with pytest.raises(ReadError, match="No trace"):
        _ = none.root


def test_no_trace_says_that_the_sdk_keeps_what_it_read_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LANGSMITH_TRACING")
    define("HTTP")  # the SDK reads the variable here
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    assert "the SDK read it before and keeps what it read" in str(traces.show())


def test_no_trace_names_the_project_that_the_sdk_sends_to(monkeypatch: pytest.MonkeyPatch):
    utils.get_tracer_project()
    monkeypatch.setenv("LANGSMITH_PROJECT", "renamed")
    assert "The SDK sends to project test_no_trace_names" in str(traces.show())


def test_asking_why_does_not_make_the_sdk_keep_what_it_reads(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LANGSMITH_TRACING")
    assert "LANGSMITH_TRACING is not set" in str(traces.show())
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGSMITH_PROJECT", "set after asking")
    define("HTTP")
    assert traces.show().project == "set after asking"


def test_show_makes_no_sdk_client():
    traces.show()
    assert run_trees._CLIENT is None


def test_a_run_that_does_not_end_is_shown_pending():
    run_trees.RunTree(name="draft", inputs={"term": "TCP"}).post()
    trace = traces.show(timeout=0.1)
    assert trace.root.status == "pending" and "draft  chain  … pending" in str(trace)


def test_a_run_that_ends_a_moment_later_is_awaited():
    draft = run_trees.RunTree(name="draft")
    draft.post()

    def finish() -> None:
        draft.end(outputs={"a": 1})
        draft.patch()

    threading.Timer(0.2, finish).start()
    assert traces.show(timeout=10).root.status == "success"


def test_with_a_timeout_a_newer_trace_is_awaited_and_its_absence_said():
    define("HTTP")
    assert traces.show(timeout=5).note == ""
    assert "no newer trace arrived within 0.1 s" in str(traces.show(timeout=0.1))
    threading.Timer(0.2, define, args=["TCP"]).start()
    assert traces.show(timeout=10).root.inputs == {"term": "TCP"}


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


def test_wait_does_not_return_the_same_trace_twice():
    define("HTTP")
    asyncio.run(traces.wait())
    assert not asyncio.run(traces.wait(timeout=0.1))
    define("DNS")
    assert asyncio.run(traces.wait()).root.inputs == {"term": "DNS"}


def test_wait_counts_no_trace_from_before_the_session(monkeypatch):
    define("HTTP")
    traces.show()
    monkeypatch.setattr(traces, "_BEGAN", datetime.now(UTC))
    assert len(asyncio.run(traces.wait(timeout=0.1))) == 0


def test_query_returns_the_runs_that_pass_the_filter():
    define("HTTP")
    assert [run.name for run in traces.query('eq(run_type, "llm")')] == ["answer"]
    of_define = traces.query('eq(run_type, "llm")', trace_filter='eq(name, "define")')
    assert len(of_define) == 1 and traces.query(project="none there") == []
    assert len(traces.query(limit=1)) == 1


def test_a_filter_that_is_refused_says_what_the_service_said():
    define("HTTP")
    with pytest.raises(ReadError, match="LangSmith refused the query"):
        traces.query("eq(name")


def test_more_runs_than_a_page_are_all_read():
    @langsmith.traceable
    def step() -> None: ...

    @langsmith.traceable
    def loop() -> None:
        for _ in range(1100):
            step()

    loop()
    assert sum(1 for _ in traces.show(timeout=10).root.walk()) == 1101


def test_an_address_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch):
    with serving(create_app_nowhere()) as gone:
        pass
    monkeypatch.setenv("LANGSMITH_ENDPOINT", gone)
    with pytest.raises(ReadError, match="could not be read from the service on this machine"):
        traces.show()


def create_app_nowhere() -> object:
    from starlette.applications import Starlette

    return Starlette()


def test_a_flush_that_hangs_does_not_hang_show(monkeypatch: pytest.MonkeyPatch):
    class Stuck:
        def flush(self, timeout: float | None = None) -> None:
            threading.Event().wait()

    monkeypatch.setattr(run_trees, "_CLIENT", Stuck())
    flush = threading.Thread(target=traces._flush, kwargs={"timeout": 0.05}, daemon=True)
    flush.start()
    flush.join(30)
    assert not flush.is_alive()


def test_explore_is_a_widget_of_the_newest_trace():
    define("HTTP")
    runs, _ = traces.explore().children
    assert len(runs.options) == 2
    assert isinstance(traces.explore("none"), Traces)


def test_a_run_whose_parent_is_missing_hangs_on_the_root():
    runs = [
        Run("r", "r", "root", datetime(2026, 1, 1, tzinfo=UTC)),
        Run("o", "r", "orphan", datetime(2026, 1, 2, tzinfo=UTC), parent_id="lost"),
    ]
    assert traces._tree(runs, "r").find("orphan").id == "o"


def test_find_names_the_runs_there_are():
    define("HTTP")
    with pytest.raises(ReadError, match="Its runs: define, answer"):
        traces.show().root.find("nothing")


def test_importing_it_imports_no_langsmith():
    code = "import sys; from helpers import traces; sys.exit('langsmith' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.filterwarnings("error")
def test_no_deprecated_reading_method_is_used():
    define("HTTP")
    assert traces.show() and traces.query()
    source = inspect.getsource(traces)
    assert not [old for old in ("list_runs", "read_run", "get_run_url") if old in source]
