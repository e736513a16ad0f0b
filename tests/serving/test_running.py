"""The server under an application: it ends in time and prints nothing."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from helpers.errors import TutorialError
from helpers.serving.guard import Door, Guard
from helpers.serving.server import Server


def test_it_ends_although_a_request_is_at_work(capfd):
    begun = threading.Event()

    async def forever(request: Request) -> PlainTextResponse:
        begun.set()
        await asyncio.Event().wait()
        return PlainTextResponse()

    app = Starlette(routes=[Route("/", forever)])
    with Server(Guard(app, Door(None))) as server:
        asking = threading.Thread(target=_ask, args=(server.url,))
        asking.start()
        assert begun.wait(30)
    asking.join(30)
    assert not asking.is_alive() and capfd.readouterr().err == ""


def _ask(url: str) -> None:
    with pytest.raises(httpx.HTTPError):
        httpx.get(url, timeout=60)


def test_a_start_that_fails_prints_nothing(capfd):
    async def broken(scope, receive, send):
        raise RuntimeError("no")

    with pytest.raises(TutorialError):
        Server(Guard(broken, Door(None))).start()
    assert capfd.readouterr().err == ""
