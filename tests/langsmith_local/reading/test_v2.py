from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from langsmith import Client

from tests.langsmith_local.reading.turns import listed
from tests.langsmith_local.stored import PROJECT, conforms, run_id

pytestmark = pytest.mark.usefixtures("turns")

EVERY_RUN_FIELD = (
    "ID NAME RUN_TYPE STATUS START_TIME END_TIME LATENCY_SECONDS FIRST_TOKEN_TIME ERROR "
    "ERROR_PREVIEW EXTRA METADATA EVENTS INPUTS INPUTS_PREVIEW OUTPUTS OUTPUTS_PREVIEW MANIFEST "
    "PARENT_RUN_IDS PROJECT_ID TRACE_ID THREAD_ID DOTTED_ORDER IS_ROOT REFERENCE_EXAMPLE_ID "
    "REFERENCE_DATASET_ID TOTAL_TOKENS PROMPT_TOKENS COMPLETION_TOKENS TOTAL_COST PROMPT_COST "
    "COMPLETION_COST PROMPT_TOKEN_DETAILS COMPLETION_TOKEN_DETAILS PROMPT_COST_DETAILS "
    "COMPLETION_COST_DETAILS PRICE_MODEL_ID TAGS APP_PATH ATTACHMENTS THREAD_EVALUATION_TIME "
    "IS_IN_DATASET SHARE_URL FEEDBACK_STATS"
).split()


@pytest.fixture
def client(service: str) -> Client:
    return Client(api_url=service, api_key="local")


QUERIES: list[tuple[dict[str, Any], str]] = [
    ({}, "other turn 2 model turn 1"),
    ({"is_root": True}, "other turn 2 turn 1"),
    ({"run_type": "LLM"}, "model"),
    ({"has_error": True}, "turn 2"),
    ({"trace_id": run_id("turn 1")}, "model turn 1"),
    ({"ids": [run_id("model"), run_id("other")]}, "other model"),
    ({"filter": 'eq(run_type, "llm")'}, "model"),
    ({"trace_filter": 'has(tags, "demo")'}, "model turn 1"),
    ({"is_root": True, "tree_filter": 'eq(name, "model")'}, "turn 1"),
    ({"min_start_time": "2020-01-01T00:00:00Z"}, "other turn 2 model turn 1 old"),
    ({"page_size": 1}, "other turn 2 model turn 1"),
]


@pytest.mark.parametrize(("asked", "names"), QUERIES)
def test_runs_are_queried_through_the_sdk(
    client: Client, asked: dict[str, Any], names: str
) -> None:
    found = listed(client.runs.query(project_ids=[PROJECT], selects=["NAME"], **asked))
    assert " ".join(run.name for run in found) == names


def test_only_selected_fields_come(client: Client) -> None:
    (run,) = listed(client.runs.query(project_ids=[PROJECT], filter='eq(name, "model")'))
    assert run.model_dump(exclude_none=True) == {"id": run_id("model")}


def test_a_run_is_retrieved_through_the_sdk(client: Client) -> None:
    run = asyncio.run(
        client.runs.retrieve(run_id("model"), project_id=PROJECT, selects=EVERY_RUN_FIELD)
    )
    assert (run.name, run.run_type, run.status) == ("model", "LLM", "SUCCESS")
    assert (run.latency_seconds, run.is_root, run.thread_id) == (1.0, False, "talk")
    assert (run.parent_run_ids, run.project_id) == ([run_id("turn 1")], PROJECT)
    assert (run.prompt_tokens, run.total_cost) == (11, 0.5)
    assert run.prompt_token_details.raw == {"cache_read": 3}
    assert run.metadata == {"thread_id": "talk"}


def test_previews_feedback_and_attachments_of_a_run(client: Client, service: str) -> None:
    run = asyncio.run(
        client.runs.retrieve(run_id("turn 1"), project_id=PROJECT, selects=EVERY_RUN_FIELD)
    )
    assert run.inputs_preview == "What is HTTP?"
    assert run.feedback_stats["helpful"].avg == 1.0
    assert httpx.get(run.attachments["a b"]).content == b"\0"


def test_the_url_of_a_run_is_its_page_here(client: Client, service: str) -> None:
    ids = {"project_id": PROJECT, "trace_id": run_id("turn 1")}
    found = asyncio.run(client.runs.get_url(run_id("model"), **ids))
    assert found.url.startswith(f"{service}/o/")
    assert httpx.get(found.url).status_code == 200


def test_traces_carry_their_root_and_the_sums_over_the_trace(client: Client) -> None:
    selects = ["NAME", "STATUS", "TOTAL_TOKENS", "FIRST_TOKEN_TIME"]
    pages = client.traces.query(
        project_id=PROJECT, tree_filter='eq(run_type, "llm")', selects=selects
    )
    (trace,) = listed(pages)
    assert trace.root_run.model_dump(exclude_none=True) == {"name": "turn 1", "status": "SUCCESS"}
    assert trace.trace_aggregates.total_tokens == 18
    assert trace.trace_aggregates.first_token_time is not None


def test_traces_are_filtered_by_root_and_by_id_and_paged(client: Client) -> None:
    def names(**asked: Any) -> list[str]:
        found = client.traces.query(project_id=PROJECT, selects=["NAME"], **asked)
        return [trace.root_run.name for trace in listed(found)]

    assert names(page_size=2) == ["other", "turn 2", "turn 1"]
    assert names(trace_filter="neq(error, null)") == ["turn 2"]
    assert names(trace_ids=[run_id("other")]) == ["other"]


def test_the_runs_of_a_trace_come_earliest_first_without_a_window(client: Client) -> None:
    ask = client.traces.list_runs
    found = asyncio.run(ask(run_id("turn 1"), project_id=PROJECT, selects=["NAME"]))
    assert [run.name for run in found.items] == ["turn 1", "model"]
    only = asyncio.run(ask(run_id("turn 1"), project_id=PROJECT, filter='eq(run_type, "llm")'))
    assert [run.id for run in only.items] == [run_id("model")]


REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("runs", {}, 400, "project_ids"),
    ("runs", {"project_ids": ["shop"]}, 422, "UUID"),
    ("runs", {"project_ids": [run_id("none")]}, 404, "session not found"),
    ("runs", {"project_ids": [PROJECT], "filter": "eq(nme, 1)"}, 400, "Did you mean"),
    ("runs", {"project_ids": [PROJECT], "tree_filter": "eq("}, 400, "expected"),
    ("runs", {"project_ids": [PROJECT], "selects": ["name"]}, 400, "NAME"),
    ("runs", {"project_ids": [PROJECT], "run_type": "llm"}, 400, "LLM"),
    ("runs", {"project_ids": [PROJECT], "page_size": 1001}, 400, "1000"),
    ("runs", {"project_ids": [PROJECT], "cursor": "?"}, 400, "cursor"),
    ("runs", {"project_ids": [PROJECT], "min_start_time": "soon"}, 400, "ISO"),
    ("runs", {"project_ids": [PROJECT], "ai_search": "slow ones"}, 501, "ai_search"),
    ("traces", {}, 400, "project_id"),
    ("traces", {"project_id": PROJECT, "page_size": 101}, 400, "100"),
    ("threads", {"project_id": PROJECT, "thread_filter": "gt(count, 1)"}, 501, "thread_filter"),
    ("threads", {"project_id": PROJECT, "cursor": "?"}, 400, "cursor"),
]


@pytest.mark.parametrize(("what", "body", "status", "said"), REFUSED)
def test_a_refusal_is_problem_details_that_say_why(
    service: str, what: str, body: dict[str, Any], status: int, said: str
) -> None:
    answer = httpx.post(f"{service}/api/v2/{what}/query", json=body)
    assert answer.status_code == answer.json()["status"] == status
    assert said in answer.json()["detail"]
    conforms(answer.json(), "shared.ProblemDetails")


@pytest.mark.parametrize(("path", "status"), [
    (f"runs/{run_id('none')}?project_id={PROJECT}", 404),
    (f"runs/none?project_id={PROJECT}", 422),
    (f"runs/{run_id('model')}", 400),
    (f"runs/{run_id('model')}/url?project_id={PROJECT}", 400),
    (f"traces/{run_id('none')}/runs?project_id={PROJECT}", 404),
    (f"threads/talk/stats?session_id={PROJECT}", 400),
    ("threads/talk/traces", 400),
])  # fmt: skip
def test_what_is_not_there_or_not_whole_is_refused(service: str, path: str, status: int) -> None:
    assert httpx.get(f"{service}/v2/{path}").status_code == status


def test_every_answer_agrees_with_langsmiths_own_schema(service: str) -> None:
    def post(what: str, **body: Any) -> Any:
        return httpx.post(f"{service}/api/v2/{what}/query", json=body).json()

    def get(path: str, **asked: Any) -> Any:
        return httpx.get(f"{service}/api/v2/{path}", params=asked).json()

    every = {"selects": EVERY_RUN_FIELD}
    found = post("runs", project_ids=[PROJECT], page_size=2, **every)
    assert found["has_more"] and len(found["items"]) == 2
    conforms(found, "query.QueryRunsResponseBody")
    one = f"runs/{run_id('turn 1')}"
    conforms(get(one, project_id=PROJECT, **every), "query.RunResponse")
    trace = get(f"traces/{run_id('turn 1')}/runs", project_id=PROJECT, **every)
    conforms(trace, "query.QueryTraceResponseBody")
    threads = post("threads", project_id=PROJECT, page_size=1)
    conforms(threads, "threads.QueryThreadsResponseBody")
    turns = get("threads/talk/traces", project_id=PROJECT, selects=["NAME", "OP", "END_TIME"])
    conforms(turns, "threads.QueryThreadTracesResponseBody")
    stats = get("threads/talk/stats", session_id=PROJECT, selects=["TURNS", "LAST_END_TIME"])
    conforms(stats, "threads.QuerySingleThreadStatsResponseBody")
