"""Which addresses are this machine, and which of its ports are free."""

import pytest
from starlette.applications import Starlette

from helpers.serving import loopback
from helpers.serving.server import Server


def test_a_port_that_somebody_holds_is_not_free():
    with Server(Starlette()) as server:
        assert not loopback.can_listen(server.port)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1.example.com", "http://me@example.com", "http://[", "", "//127.0.0.1x"]
)
def test_what_only_looks_like_loopback_is_not(url):
    assert not loopback.leads_here(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:5", "http://localhost:1", "http://[::1]:1/v1"])
def test_loopback_is_recognised(url):
    assert loopback.leads_here(url)
