"""The forms of an answer: streams, vectors, what the OpenAI client reads."""

from __future__ import annotations

import base64
import struct

import httpx
import openai

from helpers.replay.responses import with_base64
from tests.replay.samples import CHAT, EMBEDDED, EVENTS, HTTP, STREAM, VECTOR


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


def test_a_vector_that_is_in_that_notation_already_stays():
    content = {"data": [{"embedding": "AAA="}, {"embedding": [0.5]}]}
    assert with_base64(content)["data"] == [{"embedding": "AAA="}, {"embedding": "AAAAPw=="}]


def test_the_openai_client_reads_every_shape(url):
    client = openai.OpenAI(base_url=url + "/v1", api_key="none")
    assert client.chat.completions.create(**HTTP).choices[0].message.content == "A…"
    assert [c.choices[0].delta.content for c in client.chat.completions.create(**STREAM)] == ["A"]
    assert client.embeddings.create(**VECTOR).data[0].embedding == [0.5, -2.0]
    assert [model.id for model in client.models.list()] == ["gpt-4o-mini", "text-embedding-3-small"]
