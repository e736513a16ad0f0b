"""One question of the doctor's: answers of any status, no redirect followed, silence told apart."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from helpers.doctor.question import Question
from tests.serving.opened import serving


async def echo(request: Request) -> Response:
    return PlainTextResponse(f"{request.method} {request.headers.get('x-k')}", 418)


async def away(request: Request) -> Response:
    return RedirectResponse("http://localhost:9/nowhere")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    routes = [Route("/echo", echo, methods=["GET", "POST"]), Route("/away", away)]
    with serving(Starlette(routes=routes)) as address:
        yield address


def test_any_status_is_an_answer(url: str):
    assert Question(f"{url}/echo", {"x-k": "v"}).ask(seconds=5, longest=99) == (418, "GET v")
    assert Question(f"{url}/echo", body=b"{}").ask(seconds=5, longest=4) == (418, "POST")
    assert Question(f"{url}/echo").ask(seconds=5) == (418, "")


def test_a_redirect_is_not_followed(url: str):
    assert Question(f"{url}/away").ask(seconds=5)[0] == 307


def test_what_is_no_address_is_said():
    with pytest.raises(ValueError, match="does not begin with http"):
        Question("ftp://localhost").ask(seconds=5)


def test_silence_is_another_thing_than_nobody():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(TimeoutError):
            Question(address).ask(seconds=0.2)
    with pytest.raises(OSError, match="refused"):
        Question(address).ask(seconds=5)
