"""Which addresses are this machine, and which of its ports are free."""

import socket

import pytest
from starlette.applications import Starlette

from helpers.serving import loopback
from helpers.serving.guard import Door, Guard
from helpers.serving.server import Server


def test_a_port_that_somebody_holds_is_not_free():
    with Server(Guard(Starlette(), Door(None))) as server:
        assert not loopback.can_listen(server.port)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1.example.com", "http://me@example.com", "http://[", "", "//127.0.0.1x"]
)
def test_what_only_looks_like_loopback_is_not(url):
    assert not loopback.leads_here(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:5", "http://localhost:1", "http://[::1]:1/v1"])
def test_loopback_is_recognised(url):
    assert loopback.leads_here(url)


def test_both_families_answer_at_one_port_by_name():
    sockets = loopback.listening()
    ports = {each.getsockname()[1] for each in sockets}
    families = {each.family for each in sockets}
    for each in sockets:
        each.close()
    assert len(ports) == 1 and families <= {socket.AF_INET, socket.AF_INET6}


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_a_port_that_somebody_holds_in_the_other_family_is_not_taken():
    with socket.socket(socket.AF_INET6) as other:
        try:
            other.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 on loopback")
        other.listen()
        assert not loopback.can_listen(other.getsockname()[1])


def test_a_machine_without_ipv6_is_served_in_the_other_family(monkeypatch):
    monkeypatch.setattr(loopback, "ADDRESSES", ((socket.AF_INET, "127.0.0.1"), (9999, "::1")))
    (only,) = loopback.listening()
    only.close()


@pytest.mark.parametrize(
    ("addresses", "called"),
    [
        (["127.0.0.1"], "localhost"),
        (["::1"], "localhost"),
        (["::1", "127.0.0.1"], "localhost"),
        (["10.0.0.7"], "127.0.0.1"),
        (["127.0.0.1", "203.0.113.9"], "127.0.0.1"),
        (None, "127.0.0.1"),
    ],
)
def test_a_service_is_called_by_name_where_that_leads_here_alone(monkeypatch, addresses, called):
    def lookup(*_, **__):
        if addresses is None:
            raise socket.gaierror("no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert loopback.name() == called
