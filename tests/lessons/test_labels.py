"""What lesson 05 says of labels beside its cells: the proxy, prices that stay, git's revision."""

import asyncio
import copy
import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers import session, traces
from helpers.environment import PLACEHOLDER_KEY
from helpers.proxy import launch as proxy

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
CALL: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "What is HTTP? Answer in one sentence."}],
    "temperature": 0,
}
PROJECT = "labels"


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with session.start("replay"), pytest.MonkeyPatch.context() as patch:
        patch.chdir(NOTEBOOKS)
        patch.setenv("LANGSMITH_PROJECT", PROJECT)
        yield


@pytest.fixture
def _prices() -> Iterator[None]:
    import litellm

    before = copy.deepcopy(litellm.model_cost)
    yield
    litellm.model_cost.clear()
    litellm.model_cost.update(before)
    litellm.get_model_info.cache_clear()


def logged(*calls: dict[str, Any], timeout: float = 20) -> list[traces.Run]:
    """Make calls with LiteLLM's callback, send their runs as one batch, and read what arrived."""
    return asyncio.run(_logged(calls, timeout))


async def _logged(calls: tuple[dict[str, Any], ...], timeout: float) -> list[traces.Run]:
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    reporter = LangsmithLogger(batch_size=len(calls))
    litellm.callbacks.append(reporter)
    name = str(uuid.uuid4())
    try:
        for extra in calls:
            metadata = {"run_name": name} | extra.get("metadata", {})
            await litellm.acompletion(**(CALL | extra | {"metadata": metadata}))
        found = await traces.wait(len(calls), name=name, timeout=timeout)
    finally:
        litellm.logging_callback_manager.remove_callback_from_all_lists(reporter)
        litellm.input_callback.remove(reporter)
    return [trace.root for trace in found]


def test_children_inherit_tags_and_metadata():
    from langsmith import Client, traceable, tracing_context

    @traceable
    def child() -> str:
        return "done"

    @traceable(name="parent", tags=["nightly"], metadata={"customer": "acme"})
    def parent() -> str:
        return child()

    with tracing_context(enabled=True, client=(client := Client()), project_name=PROJECT):
        parent()
    found = traces.show("parent", project=PROJECT, client=client).root.find("child")
    assert (found.tags, found.metadata["customer"]) == (("nightly",), "acme")


def test_labels_in_the_body_of_a_proxy_client_land_on_one_level():
    import openai

    labels = {"run_name": "define", "tags": ["nightly"], "customer": "acme", "thread_id": "chat-7"}
    with proxy.start(port=0) as gateway:
        client = openai.OpenAI(base_url=gateway.url, api_key=gateway.key, max_retries=0)
        client.chat.completions.create(**CALL, extra_body={"metadata": labels})
        run = asyncio.run(traces.wait(name="define")).root
        chat = {"run_name": "lost", "session_id": "chat-7"}
        client.chat.completions.create(**CALL, extra_body={"metadata": chat})
        assert not asyncio.run(traces.wait(name="lost", timeout=3))
        assert "session_id: Must validate" in gateway.log(tail=200)
    assert run.tags[0] == "nightly"
    assert "customer" not in run.metadata
    assert run.metadata["requester_metadata"]["customer"] == "acme"
    assert run.metadata["thread_id"] == "chat-7"


@pytest.mark.parametrize("key", ["session_id", "thread_id", "conversation_id"])
def test_the_inner_metadata_of_a_call_has_three_words_for_a_thread(key):
    (run,) = logged({"metadata": {"metadata": {key: "chat-7"}}})
    assert run.metadata[key] == "chat-7"
    assert run.id in {r.id for r in traces.query('eq(thread_id, "chat-7")', project=PROJECT)}


def test_a_chat_id_that_is_no_uuid_takes_its_batch_along(caplog):
    assert len(logged({}, {})) == 2
    assert logged({}, {"metadata": {"session_id": "chat-7"}}, timeout=3) == []
    assert "422" in caplog.text and "session_id" in caplog.text


@pytest.mark.usefixtures("_prices")
def test_a_price_given_in_a_call_stays_for_later_calls():
    price = {"input_cost_per_token": 0.001, "output_cost_per_token": 0.002}
    costs = [logged(extra)[0].total_cost for extra in ({}, price, {})]
    assert costs == pytest.approx([0.00002025, 0.087, 0.087])


def test_a_key_given_in_a_call_is_not_in_its_run():
    (run,) = logged({"api_key": PLACEHOLDER_KEY, "api_base": os.environ["OPENAI_BASE_URL"]})
    assert PLACEHOLDER_KEY not in json.dumps([run.inputs, run.outputs, run.metadata])


def test_without_a_revision_the_sdk_asks_git(tmp_path, monkeypatch):
    from langsmith.env import _runtime_env as env

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    git("commit", "--allow-empty", "--message=first")
    git("tag", "v1.4")
    monkeypatch.chdir(tmp_path)
    for cached in (env._get_default_revision_id, env.get_langchain_env_var_metadata):
        cached.cache_clear()
    assert env.get_langchain_env_var_metadata()["revision_id"] == "v1.4"
    for cached in (env._get_default_revision_id, env.get_langchain_env_var_metadata):
        cached.cache_clear()
