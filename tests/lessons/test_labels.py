"""What lesson 05 says of labels beside its cells: where they land, threads, git's revision."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator

import pytest

from helpers import traces
from tests.lessons.calls import lesson, logged, refused

PROJECT = "labels"


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson(PROJECT):
        yield


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


def test_an_entry_of_one_s_own_is_dropped_outside_and_kept_inside():
    (outer,) = logged({"metadata": {"customer": "acme", "thread_id": "chat-7"}})
    assert "acme" not in json.dumps([outer.metadata, outer.inputs]) and outer.tags == ()
    assert "chat-7" not in json.dumps(outer.metadata)
    (inner,) = logged({"metadata": {"metadata": {"customer": "acme"}}})
    assert inner.metadata["requester_metadata"] == {"customer": "acme"}


def test_where_each_label_lands_is_as_the_table_says():
    words = {"customer": "acme", "thread_id": "chat-8", "revision_id": "glossary-1.4"}
    labels = {"tags": ["nightly"], **words}
    (outer,) = logged({"metadata": labels})
    (inner,) = logged({"metadata": {"metadata": labels}})
    assert outer.tags == ("nightly",) and not words.items() & outer.metadata.items()
    assert inner.metadata["requester_metadata"] == labels and inner.tags == ()
    assert (inner.metadata["thread_id"], inner.metadata.get("revision_id")) == ("chat-8", None)


def test_a_search_names_the_whole_way_to_an_entry_of_the_inner_metadata():
    (run,) = logged({"metadata": {"metadata": {"customer": "of the inner"}}})
    wanted = 'and(eq(metadata_key, "{}"), eq(metadata_value, "of the inner"))'
    found = traces.query(wanted.format("requester_metadata.customer"))
    assert [each.id for each in found] == [run.id]
    assert traces.query(wanted.format("customer")) == []


def test_the_callback_does_not_know_the_revision_of_the_environment(monkeypatch):
    monkeypatch.setenv("LANGSMITH_REVISION_ID", "glossary-1.4")
    (run,) = logged({})
    assert "glossary-1.4" not in json.dumps([run.metadata, run.inputs, run.outputs])


def test_the_sdk_leaves_out_variables_by_their_names_and_not_by_their_values(monkeypatch):
    from langsmith import Client, env, trace, tracing_context

    secret = "postgres://glossary:seven-seas@store"
    for name in ("URL", "TOKEN", "KEY", "SECRET", "PASSWORD"):
        monkeypatch.setenv(f"LANGSMITH_STORE_{name}", secret)
    env.get_langchain_env_var_metadata.cache_clear()
    noted = {}
    for name, quiet in (("noted", False), ("quiet", True)):
        client = Client(omit_traced_runtime_info=quiet)
        with tracing_context(enabled=True, client=client), trace(name):
            pass
        noted[name] = traces.show(name, client=client).root.metadata
    env.get_langchain_env_var_metadata.cache_clear()
    stores = {key: value for key, value in noted["noted"].items() if "STORE" in key}
    assert stores == {"LANGSMITH_STORE_URL": secret}
    assert not [key for key in noted["quiet"] if key.startswith("LANGSMITH")]


@pytest.mark.struggle(12)
@pytest.mark.parametrize("key", ["session_id", "thread_id", "conversation_id"])
def test_the_inner_metadata_of_a_call_has_three_words_for_a_thread(key):
    (run,) = logged({"metadata": {"metadata": {key: "chat-7"}}})
    assert run.metadata[key] == "chat-7"
    assert run.id in {r.id for r in traces.query('eq(thread_id, "chat-7")', project=PROJECT)}


@pytest.mark.struggle(12)
def test_a_chat_id_that_is_no_uuid_takes_its_batch_along(caplog):
    asyncio.run(refused({"run_name": "beside"}, {"session_id": "chat-7"}))
    assert "422" in caplog.text and "session_id" in caplog.text
    assert traces.query('eq(name, "beside")') == []


def test_a_key_given_in_a_call_is_not_in_its_run():
    key = os.environ["OPENAI_API_KEY"]
    (run,) = logged({"api_key": key, "api_base": os.environ["OPENAI_BASE_URL"]})
    assert key not in json.dumps([run.inputs, run.outputs, run.metadata])


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
