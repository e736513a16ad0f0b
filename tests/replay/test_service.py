"""What answers: a recording, a clear refusal, a model of this machine, a stand-in."""

from __future__ import annotations

import httpx
import openai
import pytest

from helpers import recording
from helpers.recording import Recording
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
    missing = httpx.get(url + "/v1/files")
    assert (missing.status_code, error_of(missing)["code"]) == (404, None)
    assert error_of(missing)["message"].startswith("Invalid URL (GET /v1/files)")
    for answer in (
        httpx.get(url + "/v1/models/gpt-9"),
        httpx.post(url + CHAT, json={**HTTP, "model": "gpt-9"}),
    ):
        assert (answer.status_code, error_of(answer)["code"]) == (404, "model_not_found")
        assert error_of(answer)["message"].startswith("The model `gpt-9` does not exist or you")


@pytest.mark.parametrize("route", ["/files", "/batches", "/uploads", "/nothing"])
def test_an_upload_is_refused_for_its_route_and_not_for_its_form(url, route):
    answer = httpx.post(url + "/v1" + route, files={"file": b"{}"})
    assert answer.status_code == 404
    assert error_of(answer)["message"].startswith(f"Invalid URL (POST /v1{route})")


def test_a_form_is_refused_for_what_it_is(url):
    answer = httpx.post(url + CHAT, files={"file": b"{}"})
    assert (answer.status_code, error_of(answer)["code"]) == (400, "unsupported_content_type")


def test_a_stand_in_is_no_way_around_a_refusal(lenient):
    with pytest.raises(openai.NotFoundError, match="gpt-9"):
        lenient.chat.completions.create(**{**DNS, "model": "gpt-9"})
    with pytest.raises(openai.BadRequestError, match="decimal above maximum"):
        lenient.chat.completions.create(**DNS, temperature=3)


def test_the_nearest_recording_is_of_the_same_route(url):
    answer = httpx.post(url + "/responses", json={"model": "gpt-4o-mini", "input": "What is HTTP?"})
    assert error_of(answer)["code"] == "no_recording"
    assert "nearest" not in error_of(answer)["message"]


def test_every_answer_has_the_headers_that_clients_show(url):
    first, second = (httpx.post(url + CHAT, json=HTTP).headers for _ in range(2))
    assert first["x-request-id"] != second["x-request-id"]
    assert first["openai-version"] and first["openai-processing-ms"].isdigit()
    assert len([name for name in first if name.startswith("x-ratelimit-")]) == 6


@pytest.mark.parametrize("path", ["/models", "/models/gpt-4o", "/models/gpt-9", "/nothing", CHAT])
def test_what_is_only_looked_at_has_an_id_too(url, path):
    answer = httpx.get(url + "/v1" + path)
    assert answer.headers["x-request-id"] and answer.headers["openai-processing-ms"] == "0"


def test_a_client_tells_the_id_of_a_request(url):
    client = openai.OpenAI(base_url=url + "/v1", api_key="none")
    assert str(client.chat.completions.create(**HTTP)._request_id).startswith("req_")
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(**DNS)
    assert str(refused.value.request_id).startswith("req_")


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
    assert answer.usage.total_tokens == 0


def test_a_stand_in_streams_the_same_text_and_no_tokens(lenient):
    options = {"include_usage": True}
    parts = list(lenient.chat.completions.create(**DNS, stream=True, stream_options=options))
    said = [choice.delta.content or "" for part in parts for choice in part.choices]
    assert "".join(said) == standin.TEXT
    assert [part.usage.total_tokens for part in parts if part.usage] == [0]


def test_who_answered_in_the_place_of_recordings_is_noted(folder):
    app = create_app(folder, strict=False, use_local_model=False, pace=0)
    noted = state_of(app).surprises
    with serving(app) as url:
        httpx.post(url + CHAT, json=HTTP)
        httpx.post(url + CHAT, json=DNS | {"temperature": 3})
        assert noted == []
        httpx.post(url + CHAT, json=DNS)
    assert [words.startswith("a stand-in, which is no model") for words in noted] == [True]


def test_a_damaged_recording_is_named_and_not_asked_for_again(folder):
    path = recording.save(folder / recording.MORE, Recording(CHAT, DNS, {"status": 200, "body": 1}))
    path.write_text("{")
    with serving(create_app(folder, strict=True)) as url:
        answer = httpx.post(url + CHAT, json=DNS)
    assert (answer.status_code, error_of(answer)["code"]) == (400, "damaged_recording")
    assert path.name in error_of(answer)["message"]


@pytest.mark.parametrize(
    "wish", [{"response_format": {"type": "json_object"}}, {"tool_choice": "required"}]
)
def test_a_stand_in_does_not_pretend_to_follow_a_form(lenient, wish):
    with pytest.raises(openai.BadRequestError, match="No recording"):
        lenient.chat.completions.create(**DNS, **wish)


def test_models_and_parameters_of_another_provider_are_its_own_affair(tmp_path):
    body = {**HTTP, "model": "mistral-small", "top_k": 5}
    answer = {"status": 200, "headers": {}, "body": ANSWER}
    recording.save(tmp_path, Recording(CHAT, body, answer))
    with serving(create_app(tmp_path, strict=True, pace=0)) as url:
        assert httpx.post(url + CHAT, json=body).json() == ANSWER


def test_a_provider_is_asked_about_its_own_parameters(recorder, provider):
    assert httpx.post(recorder + CHAT, json={**HTTP, "top_k": 5}).status_code == 200
    assert provider[1][0][1]["top_k"] == 5
