"""helpers.serving.server: an application on loopback, for as long as it is wanted."""

import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from helpers.errors import TutorialError
from helpers.serving.server import Server, listening
from tests.serving.opened import serving


def hello() -> Starlette:
    return Starlette(routes=[Route("/", lambda request: PlainTextResponse("hello"))])


def test_it_answers_as_soon_as_the_block_begins():
    with serving(hello()) as url:
        assert httpx.get(url).text == "hello"


def test_it_listens_on_loopback_only():
    with serving(hello()) as url:
        assert url.startswith("http://localhost:")


def test_after_the_block_nobody_answers():
    with serving(hello()) as url:
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_stopping_twice_does_no_harm():
    server = Server(hello()).start()
    server.stop()
    server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)


def test_two_servers_do_not_collide():
    with serving(hello()) as one, serving(hello()) as other:
        assert one != other


def test_a_busy_port_is_named_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(TutorialError, match=rf"Port {port} .* Choose another"):
            listening(port)


@pytest.mark.parametrize("port", [-1, 70000])
def test_a_port_that_cannot_be_is_an_error_of_ours(port):
    with pytest.raises(TutorialError, match=str(port)):
        listening(port)


def test_an_application_that_fails_to_start_is_an_error_of_ours():
    async def broken(scope, receive, send):
        raise RuntimeError("no")

    with pytest.raises(TutorialError, match="did not start"):
        Server(broken).start()
