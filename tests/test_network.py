"""helpers.network: which variables stop a client, by asking the clients."""

import importlib.util
import ssl

import httpx
import pytest
import requests

from helpers import network

GONE = "/nowhere/file.pem"
STOP = [
    ("ALL_PROXY", "socks5://campus:1"),
    ("http_proxy", "socks4://campus:1"),
    ("HTTPS_PROXY", "http://campus:port"),
    ("HTTPS_PROXY", " http://campus:1"),
    ("SSL_CERT_FILE", GONE),
    ("SSL_CERT_FILE", "/"),
    ("SSL_CERT_FILE", __file__),
    ("SSLKEYLOGFILE", GONE),
]
GO = [
    ("HTTP_PROXY", "campus:3128"),
    ("HTTP_PROXY", "http://me:word@campus:3128"),
    ("HTTPS_PROXY", "https://campus"),
    ("SSL_CERT_FILE", requests.certs.where()),
    ("SSL_CERT_FILE", ""),
]


@pytest.mark.parametrize(("name", "value"), STOP)
def test_what_stops_httpx_is_found(name, value, monkeypatch):
    if value.startswith("socks5") and importlib.util.find_spec("socksio"):
        pytest.skip("socksio is installed")
    monkeypatch.setenv(name, value)
    with pytest.raises((OSError, ValueError, ImportError, httpx.InvalidURL)):
        httpx.Client()
    (found,) = network.obstacles({name: value})
    assert (found.name, found.reader) == (name, network.HTTPX)


@pytest.mark.parametrize(("name", "value"), GO)
def test_what_httpx_can_use_is_left_alone(name, value, monkeypatch):
    monkeypatch.setenv(name, value)
    httpx.Client().close()
    assert network.obstacles({name: value}) == []


def test_what_stops_requests_is_found_only_for_it(monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", GONE)
    httpx.Client().close()
    with pytest.raises(OSError, match="CA certificate bundle"):
        requests.get("https://127.0.0.1:9", timeout=1)
    network.check({"REQUESTS_CA_BUNDLE": GONE}, [network.HTTPX])
    with pytest.raises(network.NetworkError, match=f"REQUESTS_CA_BUNDLE names {GONE}"):
        network.check({"REQUESTS_CA_BUNDLE": GONE}, [network.REQUESTS])


def test_a_socks_proxy_is_usable_with_both_packages(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    assert network.obstacles({"ALL_PROXY": "socks5h://campus:1"}) == []


def test_a_message_shows_no_password_of_a_proxy():
    for value in ("ftp://me:word@campus", "http://me:word@campus:port", "socks5://me:word@campus"):
        assert "word" not in "".join(map(str, network.obstacles({"ALL_PROXY": value})))


@pytest.mark.parametrize(
    "part", ["::1", "*.campus", ".campus:80", "http://campus", "10.0.0.0/8", "*", "127.0.0.1"]
)
def test_a_part_of_no_proxy_that_httpx_reads_stays(part, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, part)
    httpx.Client().close()
    assert network.readable(f"a, {part}") == ["a", part]


@pytest.mark.parametrize("part", ["[::1]", "fd00::/8", "::1/128", "[::1]:80", "käse.test"])
def test_a_part_at_which_httpx_fails_goes(part, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, part)
    with pytest.raises(httpx.InvalidURL):
        httpx.Client()
    assert network.readable(f"a,{part},b") == ["a", "b"]


def test_a_certificate_without_its_key_is_none(tmp_path):
    (tmp_path / "pem").write_bytes(ssl.DER_cert_to_PEM_cert(b"x").encode())
    (found,) = network.obstacles({"SSL_CERTIFICATE": str(tmp_path / "pem")})
    assert found.what.endswith("which is not a client's certificate with its key")
