"""Which requests are refused, and in what form."""

from __future__ import annotations

import asyncio
import tempfile

import httpx
import pytest
from starlette.requests import Request

from helpers.replay.request import read
from helpers.serving.bounds import SMALL_BYTES
from tests.replay.samples import CHAT, HTTP, error_of


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not valid JSON"),
        (b"{", "not valid JSON"),
        (b"\xff", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "not a JSON object"),
        (b"{}", "you must provide a model parameter"),
        (b'{"model": 1}', "'model': expected a string, but got an integer"),
        (b'{"model": "m"}', "'messages'"),
        (b'{"model": "m", "messages": "hi"}', "'messages': expected an array of objects"),
        (b'{"model": "m", "messages": [1]}', "'messages[0]': expected an object"),
        (b'{"model": "m", "messages": []}', "'messages': empty array"),
        (b'{"model": "m", "messages": [{"role": "\\ud800"}]}', "Invalid value"),
        (
            b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "\\ud800"}]}',
            "No recording",
        ),
        (b'{"model": "m", "messages": [1], "stream_options": 1}', "stream_options"),
        (b" " * (20 * 1024 * 1024 + 1), "too large"),
    ],
)
def test_a_bad_request_gets_an_error_in_the_form_of_openai(url, content, words):
    response = httpx.post(url + CHAT, content=content)
    assert response.status_code == 400 and words in error_of(response)["message"]
    assert set(error_of(response)) == {"message", "type", "param", "code"}


def test_the_file_of_a_large_request_is_closed_once_it_is_read(monkeypatch):
    made, make = [], tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: made.append(make()) or made[-1])

    async def receive():
        return {"type": "http.request", "body": b" " * 2 * SMALL_BYTES + b"{}"}

    assert asyncio.run(read(Request({"type": "http", "headers": []}, receive))) == {}
    assert [file.closed for file in made] == [True]


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"origin": "https://evil.example"}, {"origin": "null"}]
    + [{"host": "127.0.0.1.evil.example"}, {"host": "[", "origin": "["}],
)
@pytest.mark.parametrize(("method", "path"), [("POST", CHAT), ("GET", "/v1/models")])
def test_a_page_from_elsewhere_is_refused(url, headers, method, path):
    assert httpx.request(method, url + path, json=HTTP, headers=headers).status_code == 403


def test_a_page_of_the_service_itself_is_served_and_of_another_port_not(url):
    def status(origin: str) -> int:
        return httpx.post(url + CHAT, json=HTTP, headers={"origin": origin}).status_code

    assert (status(url), status("http://localhost:8888")) == (200, 403)
