"""The real clients against the service: the LangSmith SDK and LiteLLM's callback."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any

import pytest
from langsmith import traceable, tracing_context
from langsmith._internal import _background_thread
from langsmith.run_helpers import get_current_run_tree
from langsmith.run_trees import RunTree
from langsmith.schemas import Attachment

from helpers.langsmith_local import state_of
from helpers.langsmith_local.reading import portion


@pytest.fixture
def rows(store, client) -> Callable[[], dict[str, dict]]:
    """Flushes the client and reads all runs, by name."""

    def rows() -> dict[str, dict]:
        client.flush()
        found = store.connection().execute("SELECT * FROM runs ORDER BY dotted_order").fetchall()
        return {row["name"]: dict(row) for row in found}

    return rows


@pytest.fixture(autouse=True)
def traced(client):
    with tracing_context(enabled=True, client=client, project_name="glossary"):
        yield


def test_nested_functions_are_one_tree(rows):
    @traceable(run_type="llm", tags=["inner"])
    def ask(term: str) -> dict:
        return {"text": term, "usage_metadata": {"input_tokens": 3, "output_tokens": 4}}

    @traceable(metadata={"thread_id": "t1"})
    def define(term: str) -> str:
        return ask(term)["text"]

    define("HTTP")
    found = rows()
    assert found["ask"]["parent_run_id"] == found["define"]["id"] == found["ask"]["trace_id"]
    assert (found["define"]["total_tokens"], found["ask"]["thread_id"]) == (7, "t1")


def test_an_error_is_stored_with_its_run(rows):
    @traceable
    def fail() -> None:
        raise ValueError("no such term")

    with pytest.raises(ValueError, match="no such term"):
        fail()
    assert rows()["fail"]["status"] == "error"
    assert "no such term" in rows()["fail"]["error"]


def test_a_long_run_is_pending_until_its_update_comes(rows):
    @traceable
    def wait() -> str:
        assert rows()["wait"]["status"] == "pending"
        return "done"

    wait()
    assert (rows()["wait"]["status"], rows()["wait"]["outputs"]) == (
        "success",
        '{"output":"done"}',
    )


def test_attachments_come_with_their_run(rows, store):
    @traceable(dangerously_allow_filesystem=False)
    def look(chart: Attachment) -> str:
        return "a chart"

    look(Attachment(mime_type="image/png", data=b"\x89PNG\r\n--\x00"))
    run = rows()["look"]
    [row] = store.connection().execute("SELECT * FROM attachments").fetchall()
    assert (row["run_id"], row["name"]) == (run["id"], "chart")
    assert (row["mime_type"], row["body"]) == ("image/png", b"\x89PNG\r\n--\x00")


def test_a_run_is_updated_after_it_was_posted(rows, client):
    run_id = "0f9b3c1e-0000-4000-8000-000000000001"
    client.create_run("note", {"a": 1}, "chain", id=run_id, project_name="glossary")
    client.update_run(run_id, outputs={"b": 2}, end_time=None)
    client.flush()
    assert rows()["note"]["outputs"] == '{"b":2}'
    assert rows()["note"]["inputs"] == '{"a":1}'


def test_a_stream_has_the_time_of_its_first_token(rows):
    @traceable(run_type="llm")
    def stream():
        yield "A"
        yield "B"

    assert list(stream()) == ["A", "B"]
    run = rows()["stream"]
    assert run["start_time"] <= run["first_token_time"] <= run["end_time"]


def test_a_project_named_in_the_context_is_made(rows, client):
    @traceable
    def define() -> None: ...

    # Without client= the inner context would take the default client.
    with tracing_context(project_name="other", client=client, enabled=True):
        define()
    start = datetime.fromtimestamp(rows()["define"]["start_time"] / 1e6, UTC)
    assert client.read_project(project_name="other").start_time == start


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """One event loop for all LiteLLM calls, since LiteLLM's logging worker stays with its loop."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def complete(monkeypatch, service, app) -> Callable[..., Coroutine[Any, Any, int]]:
    """Makes a completion with LiteLLM's callback; returns the status of what it sent."""
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    monkeypatch.setenv("LANGSMITH_BATCH_SIZE", "1")
    import litellm

    # The address is given a call, since LiteLLM makes its logger once a process.
    sent_to = {"langsmith_base_url": service, "langsmith_api_key": "none"}
    monkeypatch.setattr(litellm, "callbacks", ["langsmith"])

    async def complete(**metadata: Any) -> int:
        messages = [{"role": "user", "content": "What is HTTP?"}]
        options = {"mock_response": "A protocol.", "api_key": "none", "metadata": metadata}
        await litellm.acompletion("gpt-4o-mini", messages, **options, **sent_to)
        for _ in range(500):
            if sent := [one for one in state_of(app).requests if one.path == "/api/v1/runs/batch"]:
                return sent[0].status
            await asyncio.sleep(0.02)
        raise AssertionError("the callback sent nothing")

    return complete


def test_a_bare_litellm_run_is_accepted(loop, complete, rows, store):
    assert loop.run(complete()) == 202
    run = rows()["LLMRun"]
    assert (run["status"], run["is_root"]) == ("success", 1)
    assert run["total_tokens"] and run["total_cost"]
    assert store.project("litellm-completion")["id"] == run["project_id"]


def test_litellm_s_metadata_is_shown_and_names_the_thread(loop, complete, rows):
    loop.run(complete(metadata={"thread_id": "t1", "env": "test"}, run_name="define"))
    run = rows()["define"]
    assert run["thread_id"] == "t1"
    assert json.loads(run["metadata"])["requester_metadata"]["env"] == "test"


def test_a_litellm_run_is_put_beneath_a_traced_function(loop, complete, rows):
    run_id = "0f9b3c1e-0000-4000-8000-000000000002"

    @traceable
    async def define() -> int:
        parent = get_current_run_tree()
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        return await complete(
            run_id=run_id,
            parent_run_id=str(parent.id),
            trace_id=str(parent.trace_id),
            dotted_order=f"{parent.dotted_order}.{stamp}{run_id}",
            project_name="glossary",
        )

    assert loop.run(define(), context=copy_context()) == 202
    found = rows()
    assert found["LLMRun"]["parent_run_id"] == found["define"]["id"]
    assert found["define"]["total_tokens"] == found["LLMRun"]["total_tokens"] > 0


PARENT = "0f9b3c1e-0000-4000-8000-000000000003"


@pytest.mark.parametrize(
    ("metadata", "status"),
    [({"session_id": "chat-7"}, 422), ({"session_id": PARENT}, 404)]
    + [({"parent_run_id": PARENT}, 400)],
    ids=["a thread as session_id", "a UUID as session_id", "a parent without dotted_order"],
)
def test_metadata_that_langsmith_refuses_loses_litellm_s_run(
    loop, complete, store, metadata, status
):
    assert loop.run(complete(**metadata)) == status
    assert store.connection().execute("SELECT count(*) FROM runs").fetchone()[0] == 0


@pytest.mark.filterwarnings("ignore:.*deprecated.*")
def test_the_sdk_goes_on_where_a_page_ends_early(client, store, monkeypatch):
    monkeypatch.setattr(portion, "PAGE_BYTES", 5_000)
    for number in range(8):
        client.create_run(f"run {number}", {"q": "x" * 2_000}, "chain", project_name="glossary")
    client.flush()
    assert len(list(client.list_runs(project_name="glossary"))) == 8
    assert len(list(client.list_runs(project_name="glossary", limit=5))) == 5
    project = store.project("glossary")["id"]

    async def names() -> set[str]:
        return {
            run.name async for run in client.runs.query(project_ids=[project], selects=["NAME"])
        }

    assert asyncio.run(names()) == {f"run {number}" for number in range(8)}


@pytest.mark.parametrize(("runs", "size"), [(2_500, 10), (34, 1_000_000)])
def test_a_batch_that_the_thread_of_the_sdk_came_late_to_is_stored(
    app, store, client, monkeypatch, runs, size
):
    while client.compressed_traces is None:
        time.sleep(0.01)
    with monkeypatch.context() as late:
        late.setattr(_background_thread, "_drain_and_send_compressed", lambda *_, **__: None)
        for number in range(runs):
            run = RunTree(name="define", inputs={"text": f"{number}" * size}, client=client)
            run.post()
            run.end(outputs={"text": "A protocol."})
            run.patch()
    client.flush()
    requests = state_of(app).requests
    answers = [(one.path, one.status) for one in requests if one.method == "POST"]
    count = store.connection().execute("SELECT count(*) FROM runs WHERE outputs <> '{}'")
    assert (answers, count.fetchone()[0]) == ([("/runs/multipart", 202)], runs)
