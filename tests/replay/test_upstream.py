"""What is asked of a provider, and what of its answer a caller sees."""

from __future__ import annotations

import asyncio
import base64
import struct

import httpx
import pytest

from helpers.recording import Recording
from helpers.replay.upstream import Provider, Unreachable, open_exchange, unasked_usage_removed
from tests.replay.samples import ANSWER, CHAT, DNS, EVENTS, PROVIDER_KEY, VECTOR

PROVIDER = Provider(base_url="https://models.example/v1/", api_key=PROVIDER_KEY, name="test")


def exchanged(
    answer: httpx.Response | Exception, path: str = CHAT, **body: object
) -> tuple[httpx.Request, Recording | None]:
    """Send a request to a provider that gives ``answer``; return it and what was recorded."""
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def work() -> Recording | None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client:
            exchange = await open_exchange(client, PROVIDER, path=path, body=DNS | body)
            if exchange.events is not None:
                [event async for event in exchange.events]
            return exchange.recording()

    recorded = asyncio.run(work())
    return sent[0], recorded


def test_the_route_follows_the_base_url_and_the_key_goes_along():
    request, _ = exchanged(httpx.Response(200, json=ANSWER))
    assert str(request.url) == "https://models.example/v1/chat/completions"
    assert request.headers["authorization"] == f"Bearer {PROVIDER_KEY}"


def test_what_a_later_caller_may_want_is_asked_for():
    stream, _ = exchanged(httpx.Response(200, json=ANSWER), stream=True)
    vector, _ = exchanged(httpx.Response(200, json=ANSWER), "/embeddings", **VECTOR)
    assert b'"include_usage":true' in stream.content.replace(b" ", b"")
    assert b'"encoding_format":"float"' in vector.content.replace(b" ", b"")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (base64.b64encode(struct.pack("<2f", 0.5, -2.0)).decode(), [0.5, -2.0]),
        ([0.5, -2.0], [0.5, -2.0]),
        ("AAA=", "AAA="),
        ("no base64!", "no base64!"),
    ],
)
def test_vectors_are_kept_as_numbers_whatever_the_provider_sent(sent, kept):
    content = {"data": [{"index": 0, "embedding": sent}]}
    _, recorded = exchanged(httpx.Response(200, json=content), "/embeddings", **VECTOR)
    assert recorded is not None
    assert recorded.response["body"]["data"] == [{"index": 0, "embedding": kept}]


def test_a_stream_is_kept_event_by_event():
    text = "".join(f"{event}\n\n" for event in EVENTS)
    headers = {"content-type": "text/event-stream"}
    _, recorded = exchanged(httpx.Response(200, text=text, headers=headers), stream=True)
    assert recorded is not None
    assert [event for _, event in recorded.response["chunks"]] == EVENTS


@pytest.mark.parametrize(("status", "kept"), [(200, True), (400, True), (429, False), (500, False)])
def test_a_failure_that_may_pass_is_not_kept(status, kept):
    _, recorded = exchanged(httpx.Response(status, json=ANSWER))
    assert (recorded is not None) is kept


def test_a_provider_out_of_reach_is_named_without_its_key():
    with pytest.raises(Unreachable, match="The provider test at https://models.example") as error:
        exchanged(httpx.ConnectError("no"))
    assert PROVIDER_KEY not in str(error.value)


@pytest.mark.parametrize(
    ("event", "seen"),
    [
        (EVENTS[0], EVENTS[0].replace(',"usage":null', "")),
        (EVENTS[1], None),
        (EVENTS[2], EVENTS[2]),
        ("data: {not JSON", "data: {not JSON"),
    ],
)
def test_usage_that_was_not_asked_for_is_taken_out(event, seen):
    assert unasked_usage_removed(event, {}) == seen
    assert unasked_usage_removed(event, {"stream_options": {"include_usage": True}}) == event
