"""What answers: a recording, a clear refusal, a model of this machine, a stand-in."""

from __future__ import annotations

import httpx
import openai
import pytest

from helpers.replay import create_app, state_of
from helpers.replay.answerers import standin
from tests.replay.samples import ANSWER, CHAT, DNS, HTTP, error_of
from tests.serving.opened import serving


def test_a_recorded_prompt_gets_its_answer_each_time_the_same(url):
    first, second = (httpx.post(url + "/v1" + CHAT, json=HTTP) for _ in range(2))
    assert first.json() == ANSWER and first.content == second.content


def test_routes_are_found_without_v1_too(url):
    assert httpx.post(url + CHAT, json=HTTP).json() == ANSWER


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


def test_unknown_routes_and_models_are_said_to_be_unknown(url):
    assert httpx.get(url + "/v1/files").status_code == 404
    assert "gpt-4o-mini" in error_of(httpx.get(url + "/v1/models/gpt-9"))["message"]


def test_the_recordings_asked_for_are_written_down_once(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TUTORIAL_USED_RECORDINGS", str(tmp_path / "used"))
    app = create_app(folder, strict=True)
    with serving(app) as url:
        for body in (HTTP, HTTP, DNS):
            httpx.post(url + CHAT, json=body)
    assert (tmp_path / "used").read_text().splitlines() == list(state_of(app).used)
    assert [name.startswith("what-is-http--") for name in state_of(app).used] == [True]


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
