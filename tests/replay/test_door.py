"""The door of the model API, as OpenAI's own client meets it."""

from __future__ import annotations

import openai
import pytest

from helpers.replay import create_app
from helpers.replay.door import ModelDoor
from helpers.serving.guard import Guard
from helpers.serving.server import serving
from tests.replay.samples import HTTP

KEY = "no-real-key-of-these-tests"


@pytest.fixture
def guarded(folder):
    with serving(Guard(create_app(folder, strict=True), ModelDoor(KEY))) as url:
        yield url


def ask(url: str, key: str) -> str:
    client = openai.OpenAI(base_url=url, api_key=key, max_retries=3)
    return client.chat.completions.create(**HTTP).choices[0].message.content


def test_the_key_opens(guarded):
    assert ask(guarded, KEY)


def test_a_wrong_key_is_told_as_openai_tells_it(guarded):
    with pytest.raises(openai.AuthenticationError) as told:
        ask(guarded, "sk-wrong-0123456789-wrong-tail")
    assert (told.value.status_code, told.value.code) == (401, "invalid_api_key")
    assert "Incorrect API key provided: sk-w**********************tail." in str(told.value)


def test_a_missing_key_is_told_as_openai_tells_it(guarded):
    with pytest.raises(openai.AuthenticationError, match="You didn't provide an API key"):
        openai.OpenAI(base_url=guarded, api_key="x").chat.completions.create(
            **HTTP, extra_headers={"Authorization": ""}
        )


@pytest.mark.parametrize("key", ["short", "\x80" * 40, "k" * 5000])
def test_no_key_is_repeated_whole(guarded, key):
    import httpx

    answer = httpx.get(guarded + "/v1/models", headers={b"authorization": f"Bearer {key}".encode()})
    message = answer.json()["error"]["message"]
    assert answer.status_code == 401 and key not in message and len(message) < 300
