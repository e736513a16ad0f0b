"""Who may ask a service on this machine."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from helpers.serving.guard import Door, Guard, objection, same
from helpers.serving.server import serving

KEY = "no-real-key-of-these-tests"
HOST = {"host": "127.0.0.1:4000"}


class Pages(Door):
    """A door to pages alone."""

    def is_page(self, path: str) -> bool:
        return True


def why(headers: dict[str, str], *, door: Door | None = None, method: str = "GET") -> str:
    """Return why a request with these headers is refused, nothing when it is not."""
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/x", "headers": raw, "query_string": b""}
    found = objection(HTTPConnection(scope), door or Door(None))
    return f"{found.status} {found.why}" if found else ""


@pytest.mark.parametrize("host", ["127.0.0.1:4000", "localhost", "LOCALHOST:1", "[::1]:80"])
def test_this_machine_is_called_by_its_own_names(host):
    assert why({"host": host}) == ""


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "[::1", "", "0.0.0.0"]
)
def test_another_name_that_leads_here_is_refused(host):
    assert "is not this machine" in why({"host": host})


def test_a_page_of_the_service_itself_may_ask():
    assert why(HOST | {"origin": "http://127.0.0.1:4000", "sec-fetch-site": "same-origin"}) == ""


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:8888", "http://127.0.0.1", "https://127.0.0.1:4000", "null", "["],
)
def test_a_page_of_any_other_place_may_not(origin):
    assert "is another site" in why(HOST | {"origin": origin})


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_elsewhere_that_sends_no_origin_is_refused(site):
    assert "is another site" in why(HOST | {"sec-fetch-site": site})


def test_a_link_elsewhere_may_open_a_page_and_nothing_else():
    link = HOST | {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert why(link, door=Pages(None)) == ""
    assert "is another site" in why(link)
    assert "is another site" in why(link, door=Pages(None), method="POST")


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "CONNECT", "x"])
def test_a_method_that_no_client_uses_is_refused(method):
    assert why(HOST, method=method).startswith("405")


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": KEY}, {"authorization": "Bearer "}, {"x-api-key": KEY}]
)
def test_without_the_key_there_is_a_401_and_no_word_of_other_rules(headers):
    foreign = {"host": "evil.example", "origin": "https://evil.example"}
    assert why(foreign | headers, door=Door(KEY)) == "401 A key is needed."


def test_the_key_lets_in_however_the_scheme_is_spelt():
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert why(HOST | {"authorization": f"{scheme} {KEY}"}, door=Door(KEY)) == ""


def test_a_key_is_compared_whole_and_whatever_its_letters():
    assert same(KEY, KEY)
    assert not any(same(given, KEY) for given in (None, "", KEY[:-1], KEY + "x", "\xe9\u2603"))


def test_the_guard_answers_in_place_of_the_application():
    app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("hello"))])
    with serving(Guard(app, Door(KEY))) as url:
        assert httpx.get(url).status_code == 401
        key = {"authorization": f"Bearer {KEY}"}
        assert httpx.get(url, headers=key).text == "hello"
        refused = httpx.get(url, headers=key | {"origin": "https://evil.example"})
    assert (refused.status_code, "another site" in refused.json()["error"]) == (403, True)


def test_each_path_has_the_door_that_is_said():
    doors = {"/a": Door(KEY), "/b": Door(None)}
    app = Starlette(routes=[Route(path, lambda _: PlainTextResponse("in")) for path in doors])
    with serving(Guard(app, doors.__getitem__)) as url:
        assert [httpx.get(url + path).status_code for path in doors] == [401, 200]
