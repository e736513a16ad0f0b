"""The model's own process: what stands before llama.cpp, and its answers where it is there."""

from __future__ import annotations

import json

import httpx
import openai
import psutil
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from helpers import smollm2
from helpers.smollm2 import INSTALL, MODEL, NOTE, serve
from helpers.smollm2.chat import note
from tests.serving.opened import serving as served
from tests.smollm2.requests import FORCED, QUESTION, TOOLS

needs_the_model = pytest.mark.skipif(not smollm2.available(), reason=INSTALL)

# Before a llama.cpp of the tests' own


@pytest.fixture
def asked() -> list[dict]:
    """The requests that came to it."""
    return []


@pytest.fixture
def front(asked, monkeypatch):
    """The address of what stands before it."""

    async def chat(request):
        if request.headers.get("authorization") != "Bearer inner":
            return JSONResponse({"error": {"message": "no key"}}, 401)
        body = await request.json()
        asked.append(body)
        if body.get("messages") == []:
            return JSONResponse({"error": {"message": "no messages"}}, 400)
        choice = {"index": 0, "finish_reason": "stop"}
        if body.get("stream"):
            parts = [{"role": "assistant", "content": ""}, {"content": "{}"}]
            chunks = [
                {"id": "c", "model": MODEL, "choices": [choice | {"delta": p}]} for p in parts
            ]
            lines = [f"data: {json.dumps(c)}\n\n" for c in chunks] + ["data: [DONE]\n\n"]
            return StreamingResponse(iter(lines), media_type="text/event-stream")
        message = {"role": "assistant", "content": "A protocol."}
        content = {"id": "c", "model": MODEL, "choices": [choice | {"message": message}]}
        return JSONResponse({**content, "timings": {}})

    monkeypatch.setattr(serve, "_speaker", lambda: "a model")
    llama = Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])
    with served(llama) as url, served(serve._application(url, "inner")) as front:
        yield front + "/v1"


def test_an_answer_bears_the_asked_name_and_who_gave_it(front, asked):
    answer = httpx.post(front + "/chat/completions", json={"model": "gpt", "messages": QUESTION})
    assert (answer.json()["model"], answer.headers["x-answered-by"]) == ("gpt", "a model")
    assert "timings" not in answer.json() and NOTE not in answer.headers
    assert (asked[0]["temperature"], asked[0]["cache_prompt"]) == (0, False)


def test_a_forced_call_comes_with_its_note_whole_and_in_parts(front):
    whole = httpx.post(front + "/chat/completions", json=FORCED)
    parts = httpx.post(front + "/chat/completions", json={**FORCED, "stream": True})
    assert whole.headers[NOTE] == parts.headers[NOTE] == note(FORCED)
    assert '"look_up"' in parts.text and parts.text.rstrip().endswith("data: [DONE]")


@pytest.mark.parametrize("body", [{"messages": QUESTION}, {**FORCED, "model": None}, []])
def test_a_request_without_a_model_is_refused_in_the_words_of_openai(front, asked, body):
    answer = httpx.post(front + "/chat/completions", json=body)
    assert answer.status_code == 400 and asked == []
    assert answer.json()["error"] == {
        "message": "you must provide a model parameter",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"1", b'{"model": "m", "tool_choice": "required"}']
)
def test_what_cannot_be_read_is_refused_before_it_is_asked(front, asked, content):
    assert httpx.post(front + "/chat/completions", content=content).status_code == 400
    assert asked == []


def test_a_refusal_of_llama_is_passed_on(front):
    answer = httpx.post(front + "/chat/completions", json={"model": "gpt", "messages": []})
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "no messages")


def test_the_model_is_listed(front):
    assert httpx.get(front + "/models").json()["data"][0]["id"] == MODEL


# Where the model is installed


@pytest.fixture(scope="module")
def model():
    with smollm2.running() as model:
        yield model


@pytest.fixture(scope="module")
def client(model):
    return openai.OpenAI(base_url=model.url, api_key=model.key, max_retries=0)


@pytest.fixture(scope="module")
def http(model):
    key = {"authorization": f"Bearer {model.key}"}
    with httpx.Client(base_url=model.url, headers=key, timeout=60) as client:
        yield client


def ask(client: openai.OpenAI, text: str, **options: object):
    messages = [{"role": "user", "content": text}]
    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, **options)


@needs_the_model
def test_llama_itself_listens_on_loopback_and_asks_for_a_key_that_nobody_else_has(model):
    heard = [c for c in psutil.Process(model.child.pid).net_connections() if c.status == "LISTEN"]
    assert {c.laddr.ip for c in heard} <= {"127.0.0.1", "::1"}
    heard = [c for c in heard if c.laddr.ip == "127.0.0.1"]
    assert len(heard) == 2
    for key in ("", "Bearer no-key", f"Bearer {model.key}"):
        answers = [
            httpx.post(
                f"http://127.0.0.1:{c.laddr.port}/v1/chat/completions",
                headers={"authorization": key},
                json={"model": "m", "messages": QUESTION, "max_tokens": 1},
                timeout=60,
            ).status_code
            for c in heard
        ]
        assert sorted(answers) == ([200, 401] if key.endswith(model.key) else [401, 401])


@needs_the_model
def test_the_same_prompt_has_the_same_answer_after_another_one(client):
    texts = ("What is HTTP? Answer in one sentence.", "What is DNS?", "What is HTTP? Answer in one")
    first, *_ = answers = [ask(client, text, max_tokens=12) for text in (*texts, texts[0])]
    assert first.choices == answers[-1].choices and first.usage == answers[-1].usage
    assert "Hypertext Transfer Protocol" in first.choices[0].message.content
    assert first.model == "gpt-4o-mini"


@needs_the_model
def test_a_stream_says_the_same_and_counts_its_tokens(client):
    options = {"stream": True, "stream_options": {"include_usage": True}, "max_tokens": 5}
    *parts, last = ask(client, "What is HTTP?", **options)
    whole = ask(client, "What is HTTP?", max_tokens=5)
    text = "".join(part.choices[0].delta.content or "" for part in parts)
    assert text == whole.choices[0].message.content
    assert last.usage == whole.usage and last.usage.completion_tokens == 5


@needs_the_model
def test_json_follows_its_schema(client):
    schema = {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}, "required": ["kind"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    said = ask(client, "Which?", response_format=wanted, max_tokens=20).choices[0].message.content
    assert "".join(said.split()) in ('{"kind":"a"}', '{"kind":"b"}')


@needs_the_model
def test_a_forced_tool_is_called_whole_and_in_parts(client):
    options = {"tools": TOOLS, "tool_choice": "required", "max_tokens": 8}
    call = ask(client, "What is HTTP?", **options).choices[0].message.tool_calls[0].function
    events = list(ask(client, "What is HTTP?", stream=True, **options))
    calls = [call for e in events for call in e.choices[0].delta.tool_calls or []]
    assert call.name == calls[0].function.name == "look_up"
    assert call.arguments == "".join(part.function.arguments for part in calls)


@needs_the_model
def test_the_note_stands_in_a_header(http):
    whole = http.post("/chat/completions", json={**FORCED, "max_tokens": 2})
    body = {**FORCED, "max_tokens": 2, "stream": True}
    stream = http.post("/chat/completions", json=body)
    assert {whole.headers[NOTE], stream.headers[NOTE]} == {note(FORCED)}


@needs_the_model
def test_vectors_of_the_same_text_are_the_same(client):
    one, two = (client.embeddings.create(model="e", input="HTTP") for _ in range(2))
    assert one.data == two.data and len(one.data[0].embedding) == 576 and one.model == "e"


@needs_the_model
@pytest.mark.parametrize("content", [b"", b"[]", b'{"model": "m", "messages": "hi"}', b"1"])
def test_a_bad_request_is_refused_and_the_model_lives_on(http, content):
    assert http.post("/chat/completions", content=content).status_code == 400
    assert http.get("/models").json()["data"][0]["id"] == MODEL


@needs_the_model
def test_a_prompt_beyond_the_context_is_refused_by_the_model(client):
    with pytest.raises(openai.BadRequestError, match="context size"):
        ask(client, "word " * 3000)
