"""Variables of a network that stop clients before it matters where a request goes."""

from __future__ import annotations

import pytest

from helpers import network
from helpers.network import HTTPX, NODE, REQUESTS, NetworkError


def stopped(environ: dict[str, str]) -> list[tuple[str, str]]:
    return [(each.name, each.reader) for each in network.obstacles(environ)]


@pytest.mark.parametrize("value", ["http://campus:8080", "https://campus:1", "campus:3128", ""])
def test_a_usable_proxy_stops_nobody(value):
    assert stopped({"HTTP_PROXY": value}) == []


@pytest.mark.parametrize("value", ["socks4://a:1", "http://a:port", "ftp://a"])
def test_a_proxy_that_no_client_knows_stops_httpx(value):
    assert stopped({"all_proxy": value}) == [("all_proxy", HTTPX)]


def test_a_socks_proxy_needs_two_packages(monkeypatch):
    monkeypatch.setattr(network.importlib.util, "find_spec", lambda name: None)
    (found,) = network.obstacles({"ALL_PROXY": "socks5://a:1"})
    assert "pip install socksio PySocks" in found.mend
    monkeypatch.setattr(network.importlib.util, "find_spec", lambda name: name)
    assert stopped({"ALL_PROXY": "socks5://a:1"}) == []


@pytest.mark.parametrize(
    ("name", "reader"),
    [("SSL_CERT_FILE", HTTPX), ("REQUESTS_CA_BUNDLE", REQUESTS), ("NODE_EXTRA_CA_CERTS", NODE)],
)
def test_a_file_that_is_gone_stops_its_reader(name, reader):
    assert stopped({name: "/nowhere/x.pem"}) == [(name, reader)]


def test_only_what_its_reader_uses_is_an_error():
    environ = {"SSL_CERT_FILE": "/nowhere/x.pem"}
    network.check(environ, [REQUESTS, NODE])
    with pytest.raises(NetworkError, match="SSL_CERT_FILE names /nowhere/x.pem"):
        network.check(environ, [HTTPX])


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a.org, 10.0.0.0/8 ,::1", ["a.org", "10.0.0.0/8", "::1"]),
        ("fd00::/8,b.org", ["b.org"]),
        (",,", []),
    ],
)
def test_what_httpx_cannot_read_of_a_no_proxy_is_left_out(given, kept):
    assert network.readable(given) == kept
