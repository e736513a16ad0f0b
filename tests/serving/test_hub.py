"""A hub's own way to this machine's services: where it leads, and what came by it."""

from __future__ import annotations

import pytest
from starlette.requests import HTTPConnection

from helpers.serving import hub

URL = "http://localhost:8123/o/t/projects/p/1?a=b"
ADA = {hub.PREFIX: "/user/ada/"}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "find_spec", lambda name: object())


def test_an_address_is_below_the_hubs_prefix(installed: None):
    assert hub.through(URL, ADA) == "/user/ada/proxy/8123/o/t/projects/p/1?a=b"
    assert hub.through("http://localhost:8123", ADA) == "/user/ada/proxy/8123/"
    assert hub.through(URL, {hub.PREFIX: "/"}) == "/proxy/8123/o/t/projects/p/1?a=b"


def test_without_a_hub_there_is_no_such_way(installed: None):
    assert hub.through(URL, {}) is None


@pytest.mark.parametrize("prefix", ["", "//evil.example/", "https://evil.example/", "user/ada"])
def test_a_prefix_that_leads_elsewhere_is_none(installed: None, prefix: str):
    assert hub.through(URL, {hub.PREFIX: prefix}) is None


def test_where_the_hubs_proxy_is_not_installed_there_is_no_such_way(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(hub, "find_spec", lambda name: None)
    assert hub.through(URL, ADA) is None


@pytest.mark.parametrize(
    ("said", "environ", "place"),
    [
        ("/user/ada/proxy/8123", ADA, "/user/ada/proxy/8123"),
        ("/user/ada/proxy/8124", ADA, None),
        ("/user/bob/proxy/8123", ADA, None),
        ("/user/ada/proxy/8123", {}, None),
        ("", ADA, None),
    ],
)
def test_only_our_own_place_at_our_own_hub_is_one(said: str, environ: dict, place: str | None):
    scope = {
        "type": "http",
        "server": ("127.0.0.1", 8123),
        "headers": [(b"x-forwarded-context", said.encode())],
    }
    assert hub.forwarded(HTTPConnection(scope), environ) == place
