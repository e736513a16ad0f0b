"""A link under a cell leads to a page that opens, or is not drawn."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from helpers import session, traces
from helpers.serving import hub
from helpers.traces.opening import ELSEWHERE, link_to
from tests.traces.calls import define

LANGSMITH = "https://smith.langchain.com/o/1/projects/p/2/r/3"


@pytest.fixture
def running() -> Iterator[session.Session]:
    with session.start("replay") as started:
        yield started


def test_langsmiths_own_page_opens_from_everywhere(running):
    for environ in ({}, {"PYTEST_VERSION": "9"}, {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}):
        assert link_to(LANGSMITH, environ) == LANGSMITH


def test_a_page_on_this_machine_opens_by_the_link(running):
    link = link_to(f"{running.url}/", {})
    assert link is not None
    assert httpx.get(f"{running.url}/").status_code == 401
    assert httpx.get(link, follow_redirects=True).status_code == 200


def test_the_link_of_a_trace_opens_its_page(running, monkeypatch):
    monkeypatch.delenv("PYTEST_VERSION")
    monkeypatch.setenv("TUTORIAL_STRICT", "0")
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    define("HTTP")
    trace = traces.show()
    assert isinstance(trace, traces.Trace) and trace.link is not None
    page = httpx.get(trace.link, follow_redirects=True)
    assert page.status_code == 200 and "You said HTTP" in page.text
    assert trace.url is not None and trace.link.startswith(trace.url)


@pytest.mark.parametrize("name", ["PYTEST_VERSION", *ELSEWHERE])
def test_no_link_to_this_machine_is_stored_or_shown_elsewhere(running, name: str):
    assert link_to(f"{running.url}/", {name: "9"}) is None


def test_on_a_hub_with_a_proxy_it_leads_through_that(running, monkeypatch):
    monkeypatch.setattr(hub, "find_spec", lambda name: object())
    environ = {hub.PREFIX: "/user/ada/"}
    link = link_to(f"{running.url}/o/1", environ)
    port = httpx.URL(running.url).port
    assert link is not None and link.startswith(f"/user/ada/proxy/{port}/o/1?token=")
    assert link_to(f"{running.url}/o/1", environ | {"TUTORIAL_STRICT": "1"}) is None


def test_what_refresh_stores_has_none(running):
    assert link_to(f"{running.url}/", {"TUTORIAL_STRICT": "1"}) is None


def test_a_page_of_a_service_that_is_not_this_sessions_has_none(running):
    assert link_to("http://localhost:9/r/1", {}) is None
    running.stop()
    assert link_to(f"{running.url}/", {}) is None


def test_without_an_address_there_is_no_link():
    assert link_to(None, {}) is None
