"""Who may ask a service on this machine."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from helpers.serving import serving
from helpers.serving.guard import Guard, objection


@pytest.mark.parametrize("host", ["127.0.0.1:4000", "localhost", "LOCALHOST:1", "[::1]:80"])
def test_this_machine_is_called_by_its_own_names(host):
    assert objection(Headers({"host": host})) is None


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "[::1", "", "0.0.0.0"]
)
def test_another_name_that_leads_here_is_refused(host):
    assert "is not this machine" in (objection(Headers({"host": host})) or "")


def test_a_page_of_the_service_itself_may_ask():
    headers = {"host": "127.0.0.1:4000", "origin": "http://127.0.0.1:4000"}
    assert objection(Headers(headers)) is None


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:8888", "http://127.0.0.1", "https://127.0.0.1:4000", "null", "["],
)
def test_a_page_of_any_other_place_may_not(origin):
    headers = {"host": "127.0.0.1:4000", "origin": origin}
    assert "is another site" in (objection(Headers(headers)) or "")


def test_the_middleware_answers_in_place_of_the_application():
    app = Starlette(
        routes=[Route("/", lambda request: PlainTextResponse("hello"))],
        middleware=[Middleware(Guard)],
    )
    with serving(app) as url:
        refused = httpx.get(url, headers={"origin": "https://evil.example"})
        assert (refused.status_code, httpx.get(url).text) == (403, "hello")
    assert "another site" in refused.json()["error"]
