"""Threads, as the SDK reads them."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import httpx
import pytest
from langsmith import Client

from helpers.langsmith_local.store import Store
from tests.langsmith_local.reading.turns import MINUTE, NOW, listed
from tests.langsmith_local.stored import PROJECT, add_run, run_id

pytestmark = pytest.mark.usefixtures("turns")


@pytest.fixture
def client(service: str) -> Client:
    return Client(api_url=service, api_key="local")


def test_threads_are_summed_up_latest_first(client: Client) -> None:
    aside, talk = listed(client.threads.query(project_id=PROJECT, page_size=1))
    assert (aside.thread_id, talk.thread_id) == ("aside", "talk")
    assert (talk.count, talk.num_errored_turns, talk.total_tokens) == (2, 1, 18)
    assert (talk.first_trace_id, talk.last_trace_id) == (run_id("turn 1"), run_id("turn 2"))
    assert (talk.first_inputs, talk.last_error) == ("What is HTTP?", "KeyError")
    assert talk.latency_p50 == 3.0


@pytest.mark.parametrize("asked", [
    {"filter": "neq(error, null)"}, {"trace_filter": "neq(error, null)"},
    {"tree_filter": 'eq(run_type, "llm")'},
])  # fmt: skip
def test_threads_are_found_by_one_of_their_turns(client: Client, asked: dict[str, str]) -> None:
    (thread,) = listed(client.threads.query(project_id=PROJECT, **asked))
    assert (thread.thread_id, thread.count) == ("talk", 2)


def test_the_turns_of_a_thread_are_listed(client: Client) -> None:
    selects = ["NAME", "LATENCY", "ERROR_PREVIEW", "OP", "TURN_NUMBER"]
    ask = {"project_id": PROJECT, "selects": selects, "page_size": 2}
    found = listed(client.threads.list_traces("talk", **ask))
    assert [turn.name for turn in found] == ["old", "turn 1", "turn 2"]
    assert [turn.turn_number for turn in found] == [1, 2, 3]
    assert (found[2].latency, found[2].error_preview) == (4.0, "KeyError")
    only = listed(client.threads.list_traces("talk", filter="neq(error, null)", **ask))
    assert [turn.turn_number for turn in only] == [3]


@pytest.mark.parametrize("thread", ["café ☕", "a/b", 'say "hi"', "x' OR 1=1 --", "a\nb\n"])
def test_a_thread_may_have_any_name(client: Client, store: Store, thread: str) -> None:
    add_run(store.connection(), "named", start_time=NOW - MINUTE, thread_id=thread)
    (turn,) = listed(client.threads.list_traces(thread, project_id=PROJECT))
    assert turn.trace_id == run_id("named")


def test_a_thread_has_statistics(client: Client) -> None:
    selects = ["TURNS", "LATENCY_P50", "TOTAL_TOKENS", "PROMPT_TOKEN_DETAILS", "FEEDBACK_STATS"]
    found = asyncio.run(client.threads.stats("talk", session_id=PROJECT, selects=selects))
    assert (found.turns, found.latency_p50_seconds, found.total_tokens) == (3, 2.0, 18)
    assert found.prompt_token_details.raw == {"cache_read": 3}
    assert found.feedback_stats["helpful"].n == 1
    assert found.total_cost is None


@pytest.mark.parametrize("what", ["traces?project_id=", "stats?selects=TURNS&session_id="])
def test_a_thread_s_id_with_nul_is_refused_and_finds_no_other_thread(
    service: str, what: str
) -> None:
    answer = httpx.get(f"{service}/v2/threads/talk%00x/{what}{PROJECT}")
    assert (answer.status_code, answer.json()["title"]) == (422, HTTPStatus(422).phrase)
    assert "NUL" in answer.json()["detail"]
