"""A failure is answered, and is one line in a file."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from helpers.serving import failures
from helpers.serving.failures import FailureLog
from helpers.serving.guard import Door, Guard
from helpers.serving.server import serving

SCOPE = {"method": "GET", "path": "/x\nfalse line\u2603", "query_string": b"secret"}


def told(path: Path, number: int = 1) -> list[str]:
    """Return the lines of a log of this many failures."""
    for _ in range(number):
        try:
            raise KeyError("secret")
        except KeyError as error:
            FailureLog(path).tell(SCOPE, error)
    return path.read_text("utf-8").splitlines()


def test_a_line_has_no_text_of_the_failure_and_no_query(tmp_path):
    (line,) = told(tmp_path / "log")
    assert "GET /x\\nfalse line\\u2603 KeyError at test_failures.py:" in line
    assert "secret" not in line


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes")
def test_the_log_is_its_owners_alone(tmp_path):
    told(tmp_path / "log")
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600


def test_the_log_begins_anew_when_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(failures, "LOG_BYTES", 300)
    assert len(told(tmp_path / "log", 100)) < 10


@pytest.mark.parametrize("path", [None, Path("nowhere/there/log")])
def test_without_a_place_for_it_nothing_is_told(path):
    FailureLog(path).tell(SCOPE, KeyError())


def test_the_connection_goes_on_after_a_failure(tmp_path, capfd):
    def fails(request: Request) -> PlainTextResponse:
        raise RuntimeError("no")

    routes = [Route("/fails", fails), Route("/ok", lambda request: PlainTextResponse("ok"))]
    guard = Guard(Starlette(routes=routes), Door(None), log=tmp_path / "log")
    with serving(guard) as url, httpx.Client(base_url=url) as client:
        first, second = client.get("/fails"), client.get("/ok")
        streams = [one.extensions["network_stream"] for one in (first, second)]
        ports = {stream.get_extra_info("client_addr") for stream in streams}
    assert (first.status_code, second.text, len(ports)) == (500, "ok", 1)
    assert len((tmp_path / "log").read_text("utf-8").splitlines()) == 1
    assert capfd.readouterr().err == ""


def test_half_an_answer_ends_with_the_connection(tmp_path, capfd):
    async def half():
        yield "half"
        raise RuntimeError("no")

    app = Starlette(routes=[Route("/", lambda request: StreamingResponse(half()))])
    guard = Guard(app, Door(None), log=tmp_path / "log")
    with serving(guard) as url, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url)
    assert "RuntimeError" in (tmp_path / "log").read_text("utf-8")
    assert capfd.readouterr().err == ""


def test_an_application_that_answers_nothing_gets_the_words_of_the_door(tmp_path):
    async def bare(scope, receive, send):
        if scope["type"] == "lifespan":
            await Starlette()(scope, receive, send)
        raise RuntimeError("no")

    with serving(Guard(bare, Door(None))) as url:
        answer = httpx.get(f"{url}/x")
    assert answer.status_code == 500 and "failed on GET /x" in answer.json()["error"]
