"""Another team's service in a process of its own, and what its callers decide (lesson 15)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import httpx
import psutil
import pytest
from langsmith import Client, trace, tracing_context

from helpers import traces
from helpers.errors import TutorialError
from helpers.lessons import neighbour
from helpers.lessons.neighbour import Neighbour
from helpers.traces import Run
from tests.lessons.calls import lesson

PROJECT, THEIRS = "callers", {"LANGSMITH_PROJECT": "letters"}


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson(PROJECT, LANGSMITH_TRACING="true"):
        yield


@pytest.fixture(scope="module")
def service(_environment: None) -> Iterator[Neighbour]:
    started = neighbour.start(THEIRS)
    yield started
    started.stop()
    assert "stopped" in repr(started)


def ask(service: Neighbour, term: str, **headers: str) -> int:
    url = f"{service.url}/letters/{term}"
    return httpx.get(url, headers={**service.headers, **headers}, timeout=30).status_code


def sent(name: str) -> dict[str, str]:
    """Return the headers of a run that has been sent."""
    client = Client()
    labels = {"tags": ["nightly"], "metadata": {"customer": "acme"}}
    here = tracing_context(enabled=True, client=client, project_name=PROJECT)
    with here, trace(name, **labels) as run:
        headers = run.to_headers()
    client.flush()
    return headers


def spelled(term: str, project: str) -> Run:
    """Return the one run of the service about a term, in a project."""
    about = f'and(eq(name, "spell"), eq(input_key, "term"), eq(input_value, "{term}"))'
    [run] = traces.query(about, project=project, count=1)
    return run


def test_it_listens_on_loopback_by_name_and_asks_for_a_key(service):
    assert service.url.startswith("http://localhost:")
    family = psutil.Process(service.child.pid)
    listeners = [c for c in family.net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert {c.laddr.ip for c in listeners} <= {"127.0.0.1", "::1"}
    assert httpx.get(f"{service.url}/letters/A").status_code == 401


def test_started_again_it_is_the_one_that_runs(service):
    assert neighbour.start(THEIRS) is service


def test_without_headers_its_run_begins_a_trace_in_its_own_project(service):
    assert ask(service, "ALONE") == 200
    assert spelled("ALONE", "letters").parent_id is None


def test_with_both_headers_its_run_is_in_the_caller_s_trace_and_project(service):
    assert ask(service, "BOTH", **sent("look up")) == 200
    found = asyncio.run(traces.wait(name="look up", runs=2)).root
    [run] = found.children
    assert (run.name, run.run_type) == ("spell", "tool")
    assert run.tags == ("nightly",) and run.metadata["customer"] == "acme"


def test_without_baggage_one_trace_lies_in_two_projects(service):
    headers = sent("half")
    assert ask(service, "HALF", **{"langsmith-trace": headers["langsmith-trace"]}) == 200
    run = spelled("HALF", "letters")
    assert run.parent_id is not None and run.parent_id in headers["langsmith-trace"]


def test_baggage_alone_does_nothing(service):
    assert ask(service, "ALONE2", baggage="langsmith-project=stranger") == 200
    assert spelled("ALONE2", "letters").parent_id is None


def test_whoever_writes_baggage_chooses_the_project(service):
    assert (
        ask(service, "FORGED", **sent("forged") | {"baggage": "langsmith-project=stranger"}) == 200
    )
    assert spelled("FORGED", "stranger").parent_id is not None


def test_a_place_that_is_none_is_an_error_of_the_service(service):
    assert ask(service, "BAD", **{"langsmith-trace": "nonsense"}) == 500


def test_an_application_that_is_not_there_says_so():
    with pytest.raises(TutorialError, match=r"service_b\.nothing:app did not start"):
        neighbour.start(application="service_b.nothing:app")
    assert os.environ.get("TUTORIAL_NEIGHBOUR_KEY") is None
