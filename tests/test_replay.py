"""What the model API answers: recordings, clear refusals, and recording through to a provider."""

from __future__ import annotations

import base64
import contextlib
import json
import struct

import httpx
import openai
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from helpers import local_model, standin
from helpers.recording import Recording, save
from helpers.replay import Provider, create_app
from helpers.server import serving

CHAT = "/chat/completions"
HTTP = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is HTTP?"}]}
DNS = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is DNS?"}]}
STREAM = {**HTTP, "stream": True}
VECTOR = {"model": "text-embedding-3-small", "input": "HTTP"}
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 7,
    "model": "gpt-4o-mini",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "A…"}}
    ],
    "usage": USAGE,
}
EVENTS = [
    'data: {"id":"c","choices":[{"index":0,"delta":{"content":"A"}}],"usage":null}',
    'data: {"id":"c","choices":[],"usage":' + json.dumps(USAGE) + "}",
    "data: [DONE]",
]
EMBEDDED = {
    "object": "list",
    "model": "e",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -2.0]}],
    "usage": {"prompt_tokens": 1, "total_tokens": 1},
}
PROVIDER_KEY = "sk-" + "provider0key" * 3


@pytest.fixture
def folder(tmp_path):
    """Recordings of one answer, its stream, an embedding and two failures."""
    body = {"status": 200, "headers": {"content-type": "application/json"}}
    save(tmp_path, Recording(CHAT, HTTP, {**body, "body": ANSWER}))
    chunks = [[1, event] for event in EVENTS]
    save(tmp_path, Recording(CHAT, STREAM, {"status": 200, "headers": {}, "chunks": chunks}))
    save(tmp_path, Recording("/embeddings", VECTOR, {**body, "body": EMBEDDED}))
    busy = {"status": 429, "headers": {"retry-after": "3", "x-should-retry": "false"}}
    save(tmp_path, Recording(CHAT, {**HTTP, "seed": 429}, {**busy, "body": {"error": {}}}))
    return tmp_path


@pytest.fixture
def url(folder):
    with serving(create_app(folder, strict=True, pace=0)) as url:
        yield url


def error_of(response: httpx.Response) -> dict:
    return response.json()["error"]


def test_a_recorded_prompt_gets_its_answer_each_time_the_same(url):
    first, second = (httpx.post(url + "/v1" + CHAT, json=HTTP) for _ in range(2))
    assert first.json() == ANSWER and first.content == second.content


def test_routes_are_found_without_v1_too(url):
    assert httpx.post(url + CHAT, json=HTTP).json() == ANSWER


def test_a_stream_keeps_its_events_and_hides_usage_that_was_not_asked_for(url):
    text = httpx.post(url + CHAT, json=STREAM).text
    assert text.split("\n\n") == [EVENTS[0].replace(',"usage":null', ""), EVENTS[2], ""]


def test_a_stream_has_its_usage_when_asked_for(url):
    text = httpx.post(url + CHAT, json={**STREAM, "stream_options": {"include_usage": True}}).text
    assert text.split("\n\n") == [*EVENTS, ""]


def test_vectors_come_in_the_notation_asked_for(url):
    packed = httpx.post(url + "/embeddings", json={**VECTOR, "encoding_format": "base64"}).json()
    assert httpx.post(url + "/embeddings", json=VECTOR).json() == EMBEDDED
    assert struct.unpack("<2f", base64.b64decode(packed["data"][0]["embedding"])) == (0.5, -2.0)


def test_the_openai_client_reads_every_shape(url):
    client = openai.OpenAI(base_url=url + "/v1", api_key="none")
    assert client.chat.completions.create(**HTTP).choices[0].message.content == "A…"
    assert [c.choices[0].delta.content for c in client.chat.completions.create(**STREAM)] == ["A"]
    assert client.embeddings.create(**VECTOR).data[0].embedding == [0.5, -2.0]
    assert [model.id for model in client.models.list()] == ["gpt-4o-mini", "text-embedding-3-small"]


def test_a_recorded_failure_is_replayed_with_the_headers_that_steer_retries(url):
    response = httpx.post(url + CHAT, json={**HTTP, "seed": 429})
    assert response.status_code == 429 and response.headers["retry-after"] == "3"


def test_a_strict_service_names_the_nearest_recording_and_the_command(url):
    response = httpx.post(url + CHAT, json={**HTTP, "temperature": 1})
    message = error_of(response)["message"]
    assert response.status_code == 400 and error_of(response)["code"] == "no_recording"
    assert "what-is-http--" in message and "temperature" in message
    assert "python -m helpers record" in message


def test_a_client_asks_a_strict_service_once(folder):
    app, asked = create_app(folder, strict=True), []

    async def counting(scope, receive, send):
        asked.append(scope["type"]) if scope["type"] == "http" else None
        await app(scope, receive, send)

    with serving(counting) as url, pytest.raises(openai.BadRequestError):
        openai.OpenAI(base_url=url, api_key="none").chat.completions.create(**DNS)
    assert asked == ["http"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "model"),
        (b'{"model": 1}', "model"),
        (b'{"model": "m"}', "'messages'"),
        (b'{"model": "m", "messages": "hi"}', "'messages' is not a list"),
        (b'{"model": "m", "messages": [1]}', "No recording"),
        (b'{"model": "m", "messages": [{"content": "\\ud800"}]}', "No recording"),
        (b'{"model": "m", "messages": [1], "stream_options": 1}', "stream_options"),
        (b" " * (20 * 1024 * 1024 + 1), "larger"),
    ],
)
def test_a_bad_request_gets_an_error_in_the_form_of_openai(url, content, words):
    response = httpx.post(url + CHAT, content=content)
    assert response.status_code == 400 and words in error_of(response)["message"]
    assert set(error_of(response)) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}]
    + [{"host": "127.0.0.1.evil.example"}, {"host": "[", "origin": "["}],
)
@pytest.mark.parametrize(("method", "path"), [("POST", CHAT), ("GET", "/v1/models")])
def test_a_page_from_elsewhere_is_refused(url, headers, method, path):
    assert httpx.request(method, url + path, json=HTTP, headers=headers).status_code == 403


def test_a_page_of_this_machine_is_served(url):
    headers = {"origin": "http://localhost:8888"}
    assert httpx.post(url + CHAT, json=HTTP, headers=headers).status_code == 200


def test_unknown_routes_and_models_are_said_to_be_unknown(url):
    assert httpx.get(url + "/v1/files").status_code == 404
    assert "gpt-4o-mini" in error_of(httpx.get(url + "/v1/models/gpt-9"))["message"]


def test_the_recordings_asked_for_are_written_down_once(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TUTORIAL_USED_RECORDINGS", str(tmp_path / "used"))
    app = create_app(folder, strict=True)
    with serving(app) as url:
        for body in (HTTP, HTTP, DNS):
            httpx.post(url + CHAT, json=body)
    assert (tmp_path / "used").read_text().splitlines() == list(app.state.used)
    assert [name.startswith("what-is-http--") for name in app.state.used] == [True]


@pytest.fixture
def lenient(folder):
    with serving(create_app(folder, strict=False, use_local_model=False)) as url:
        yield openai.OpenAI(base_url=url, api_key="none")


def test_a_stand_in_says_that_it_is_one(lenient):
    answer = lenient.chat.completions.create(**DNS)
    assert answer.choices[0].message.content == standin.TEXT
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stand_in_streams_the_same_text_and_its_usage(lenient):
    options = {"include_usage": True}
    *parts, last = lenient.chat.completions.create(**DNS, stream=True, stream_options=options)
    assert "".join(part.choices[0].delta.content or "" for part in parts) == standin.TEXT
    assert last.usage == lenient.chat.completions.create(**DNS).usage


@pytest.mark.parametrize(
    "wish", [{"response_format": {"type": "json_object"}}, {"tool_choice": "required"}]
)
def test_a_stand_in_does_not_pretend_to_follow_a_form(lenient, wish):
    with pytest.raises(openai.BadRequestError, match="No recording"):
        lenient.chat.completions.create(**DNS, **wish)


@pytest.fixture
def provider():
    """A provider that answers with what it was asked; ``seen`` holds headers and bodies."""
    seen: list[tuple[dict, dict]] = []

    async def chat(request):
        body = await request.json()
        seen.append((dict(request.headers), body))
        text = body["messages"][-1]["content"]
        if text.isdigit():
            return JSONResponse({"error": {"message": text}}, int(text))
        if not body.get("stream"):
            number = str(len(seen)) if text != "Leak." else "Bearer abc123def456"
            return JSONResponse({**ANSWER, "id": number}, headers={"set-cookie": "a=b"})
        leak = ['data: {"choices":[],"a":"Bearer abc123def456"}'] if text == "Leak." else []
        parts = [event + "\n\n" for event in EVENTS[:2] + leak + EVENTS[2:]]
        return StreamingResponse(iter(parts), media_type="text/event-stream")

    async def embed(request):
        seen.append((dict(request.headers), await request.json()))
        return JSONResponse(EMBEDDED)

    async def garbled(request):
        return Response("<html>", 200, media_type="text/html")

    routes = [(CHAT, chat), ("/embeddings", embed), ("/garbled", garbled)]
    app = Starlette(routes=[Route("/v1" + path, to, methods=["POST"]) for path, to in routes])
    with serving(app) as url:
        yield Provider(base_url=url + "/v1", api_key=PROVIDER_KEY, name="test"), seen


@pytest.fixture
def recorder(tmp_path, provider):
    with serving(create_app(tmp_path, strict=False, provider=provider[0], pace=0)) as url:
        yield url


def test_a_new_prompt_is_asked_once_and_then_replayed(recorder, provider, tmp_path):
    first, second = (httpx.post(recorder + CHAT, json=DNS) for _ in range(2))
    assert first.json() == second.json() and len(provider[1]) == 1
    with serving(create_app(tmp_path, strict=True)) as url:
        assert httpx.post(url + CHAT, json=DNS).json() == first.json()


def test_keys_and_cookies_are_not_kept(recorder, provider, tmp_path):
    httpx.post(recorder + CHAT, json=DNS, headers={"authorization": "Bearer sk-of-the-caller"})
    (file,) = tmp_path.glob("*.json")
    assert provider[1][0][0]["authorization"] == f"Bearer {PROVIDER_KEY}"
    assert not [word for word in ("sk-", "Bearer", "cookie", "a=b") if word in file.read_text()]


def test_who_spoke_and_when_is_kept(recorder, tmp_path):
    httpx.post(recorder + CHAT, json=DNS)
    (file,) = tmp_path.glob("*.json")
    recorded = json.loads(file.read_text())["recorded"]
    assert recorded["model"] == "gpt-4o-mini" and recorded["provider"] == "test"
    assert set(recorded["versions"]) == {"python", "litellm", "langsmith", "openai"}


def test_a_stream_is_recorded_with_usage_for_callers_who_ask_later(recorder, provider):
    assert '"usage"' not in httpx.post(recorder + CHAT, json={**DNS, "stream": True}).text
    later = {**DNS, "stream": True, "stream_options": {"include_usage": True}}
    assert httpx.post(recorder + CHAT, json=later).text.split("\n\n") == [*EVENTS, ""]
    assert len(provider[1]) == 1


def test_vectors_are_recorded_as_numbers(recorder, provider):
    packed = {**VECTOR, "encoding_format": "base64"}
    first, second = (httpx.post(recorder + "/embeddings", json=packed) for _ in range(2))
    assert first.json() == second.json() and isinstance(first.json()["data"][0]["embedding"], str)
    assert provider[1][0][1]["encoding_format"] == "float"


@pytest.mark.parametrize("stream", [False, True])
def test_a_secret_in_the_answer_is_an_error_and_nothing_is_written(recorder, tmp_path, stream):
    body = {"model": "m", "messages": [{"role": "user", "content": "Leak."}], "stream": stream}
    text = httpx.post(recorder + CHAT, json=body).text
    assert "looks as if it held a token" in text and "[DONE]" not in text
    assert not list(tmp_path.iterdir())


def test_a_secret_in_the_prompt_is_not_sent_at_all(recorder, provider):
    body = {"model": "m", "messages": [{"role": "user", "content": PROVIDER_KEY}]}
    response = httpx.post(recorder + CHAT, json=body)
    assert error_of(response)["code"] == "secret_found" and provider[1] == []
    assert PROVIDER_KEY not in response.text


@pytest.mark.parametrize(("status", "files"), [(400, 1), (404, 1), (401, 0), (429, 0), (500, 0)])
def test_a_failure_is_passed_on_and_kept_only_when_it_would_last(recorder, tmp_path, status, files):
    body = {"model": "m", "messages": [{"role": "user", "content": str(status)}]}
    assert httpx.post(recorder + CHAT, json=body).status_code == status
    assert len(list(tmp_path.glob("*.json"))) == files


def test_an_answer_that_is_not_json_is_passed_on(recorder):
    assert httpx.post(recorder + "/garbled", json={"model": "m"}).text == "<html>"


def test_overwriting_asks_anew_once(provider, tmp_path):
    for _ in range(2):
        app = create_app(tmp_path, strict=False, provider=provider[0], overwrite=True)
        with serving(app) as url:
            answers = [httpx.post(url + CHAT, json=DNS).json()["id"] for _ in range(2)]
    assert answers == ["2", "2"] and len(list(tmp_path.iterdir())) == 1


def test_a_provider_out_of_reach_is_named_and_asked_once(tmp_path):
    provider = Provider(base_url="http://127.0.0.1:9/v1", api_key=PROVIDER_KEY, name="nobody")
    with serving(create_app(tmp_path, strict=False, provider=provider)) as url:
        response = httpx.post(url + CHAT, json=DNS)
    assert response.status_code == 502 and response.headers["x-should-retry"] == "false"
    assert "nobody" in error_of(response)["message"] and PROVIDER_KEY not in response.text


def test_a_provider_without_a_key_is_sent_none(provider, tmp_path):
    keyless = Provider(base_url=provider[0].base_url, api_key="", name="test")
    with serving(create_app(tmp_path, strict=True, provider=keyless)) as url:
        assert httpx.post(url + CHAT, json=DNS).status_code == 200
    assert "authorization" not in provider[1][0][0]


def test_a_model_of_this_machine_answers_before_a_stand_in(provider, folder, monkeypatch):
    running = contextlib.nullcontext(provider[0].base_url)
    monkeypatch.setattr(local_model, "available", lambda: True)
    monkeypatch.setattr(local_model, "running", lambda: running)
    before = sorted(folder.iterdir())
    with serving(create_app(folder, strict=False)) as url:
        assert httpx.post(url + CHAT, json=DNS).json()["id"] == "1"
    assert sorted(folder.iterdir()) == before


def test_a_provider_does_not_show_its_key():
    assert PROVIDER_KEY not in repr(Provider(base_url="u", api_key=PROVIDER_KEY, name="n"))
