"""A connection that keeps the service waiting ends; tests/faults/test_wire.py has the many ways."""

from __future__ import annotations

import socket
import threading

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from helpers.serving import bounds
from helpers.serving.guard import Door, Guard
from helpers.serving.server import Server

ASK = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def server():
    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(await request.body())

    app = Starlette(routes=[Route("/", echo, methods=["GET", "POST"])])
    with Server(Guard(app, Door(None))) as server:
        yield server


def dial(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def test_a_connection_between_two_requests_is_not_late(server, monkeypatch):
    monkeypatch.setattr(bounds, "HEADER_SECONDS", 0.2)
    with dial(server) as line, dial(server) as silent:
        line.sendall(ASK)
        assert line.recv(1000).startswith(b"HTTP/1.1 200")
        assert silent.recv(1000) == b""  # when this one is late, the other has waited as long
        line.sendall(ASK)
        assert line.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_handler_that_takes_long_is_not_late(monkeypatch):
    go, times = (
        threading.Event(),
        {"HEADER_SECONDS": 0.2, "STALL_SECONDS": 0.2, "BODY_SECONDS": 0.2},
    )
    for name, value in times.items():
        monkeypatch.setattr(bounds, name, value)

    def slow(request: Request) -> PlainTextResponse:
        go.wait(30)
        return PlainTextResponse("done")

    app = Starlette(routes=[Route("/", slow)])
    with Server(Guard(app, Door(None))) as server, dial(server) as line, dial(server) as silent:
        line.sendall(ASK)
        assert silent.recv(1000) == b""
        go.set()
        assert line.recv(1000).endswith(b"done")


def test_at_the_bound_the_one_that_waits_longest_gives_way(server, monkeypatch):
    monkeypatch.setattr(bounds, "CONNECTIONS", 2)
    first, second = dial(server), dial(server)
    second.sendall(ASK)
    assert second.recv(1000).startswith(b"HTTP/1.1 200")
    with pytest.raises(ConnectionError), first:
        httpx.get(server.url)
        if not first.recv(1):
            raise ConnectionError
    second.close()


def test_a_body_in_crumbs_is_taken_up_to_a_bound(server):
    answer = httpx.post(server.url, content=iter([b"x"] * 1_000))
    assert answer.text == "x" * 1_000
