"""A request handed on, and the answer handed back."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from helpers.paths import ROOT
from helpers.replay.answerer import Asked
from helpers.replay.relay import Relay
from helpers.replay.upstream import Provider
from tests.replay.samples import CHAT, DNS
from tests.serving.opened import serving


def relayed(provider: Provider, **body: object) -> Response:
    async def work() -> Response:
        relay = Relay()
        try:
            return await relay.ask(provider, Asked(CHAT, DNS | body, "key"))
        finally:
            await relay.close()

    return asyncio.run(work())


@pytest.fixture
def busy():
    """A provider that is busy, and says more than clients need."""
    headers = {"retry-after": "3", "x-should-retry": "true", "set-cookie": "a=b"}

    async def answer(request):
        return JSONResponse({"error": "busy"}, 429, headers)

    app = Starlette(routes=[Route("/v1" + CHAT, answer, methods=["POST"])])
    with serving(app) as url:
        yield Provider(base_url=url + "/v1", api_key="", name="busy")


def test_status_and_what_retries_look_at_come_back_and_cookies_do_not(busy):
    answer = relayed(busy)
    assert (answer.status_code, bytes(answer.body)) == (429, b'{"error":"busy"}')
    assert (answer.headers["retry-after"], answer.headers["x-should-retry"]) == ("3", "true")
    assert "set-cookie" not in answer.headers


def test_a_proxy_of_the_environment_does_not_see_what_stays_here(busy, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert relayed(busy).status_code == 429


def test_replaying_imports_no_http_client():
    code = "import sys; from helpers import replay; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
