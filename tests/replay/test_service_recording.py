"""Recording through to a provider."""

from __future__ import annotations

import json

import httpx
import pytest

from helpers.replay import Provider, create_app
from tests.replay.samples import CHAT, DNS, EVENTS, PROVIDER_KEY, VECTOR, error_of
from tests.serving.opened import serving


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


def test_what_the_provider_notes_is_kept_and_not_replayed(recorder, tmp_path):
    body = {"model": "m", "messages": [{"role": "user", "content": "Note."}]}
    first, second = (httpx.post(recorder + CHAT, json=body) for _ in range(2))
    (file,) = tmp_path.glob("*.json")
    assert json.loads(file.read_text())["recorded"]["note"] == "Note."
    assert not [a for a in (first, second) if "x-tutorial-note" in a.headers]


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


def test_a_provider_does_not_show_its_key():
    assert PROVIDER_KEY not in repr(Provider(base_url="u", api_key=PROVIDER_KEY, name="n"))
