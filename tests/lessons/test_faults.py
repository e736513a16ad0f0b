"""helpers.lessons.faults: LangSmith in trouble, for as long as it is wanted."""

import asyncio
import logging
import os
import threading
import time

import httpx
import pytest
from langsmith import Client
from langsmith.client import _default_retry_config
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from urllib3 import Retry

from helpers.errors import TutorialError
from helpers.keys import is_ours
from helpers.langsmith_local import create_app
from helpers.lessons import faults
from helpers.serving.server import Server
from tests.serving.opened import serving

RUN = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
ORDER = f"20260101T000000000000Z{RUN}"
VARIABLES = ("LANGSMITH_ENDPOINT", "LANGSMITH_BASE_URL", "LANGSMITH_API_KEY")


def _ask(outage, route, method="POST", **options):
    key = {"x-api-key": os.environ.get("LANGSMITH_API_KEY", "")}
    return httpx.request(method, f"{outage.url}{route}", headers=key, trust_env=False, **options)


def _post(outage, route="/runs/multipart", **options):
    return _ask(outage, route, content=b"{}", **options)


def test_who_has_no_key_is_not_told_of_the_trouble():
    with faults.start(500) as outage:
        assert httpx.get(f"{outage.url}/info", trust_env=False).status_code == 401


def test_an_unreachable_service_refuses_connections():
    with faults.start("unreachable") as outage, pytest.raises(httpx.ConnectError):
        _post(outage)


@pytest.mark.parametrize("status", [403, 413, 429, 500])
def test_every_request_is_answered_with_the_status(status):
    with faults.start(status) as outage:
        assert _ask(outage, "/info", "GET").status_code == status
        assert _post(outage).status_code == status
    assert outage.statuses == [status]


def test_a_limit_says_when_to_come_back():
    with faults.start(429) as outage:
        assert _post(outage).headers["retry-after"] == "1"


def test_after_some_times_runs_are_accepted():
    with faults.start(500, times=2) as outage:
        assert "version" in _ask(outage, "/info", "GET").json()
        for route in ("/runs/multipart", "/api/v1/runs/batch", "/runs"):
            _post(outage, route)
    assert outage.statuses == [500, 500, 202]


def test_a_silent_service_holds_requests_until_it_is_over():
    got = []
    with faults.start("silent") as outage:
        with pytest.raises(httpx.ReadTimeout):
            _post(outage, timeout=0.2)
        held = threading.Thread(target=lambda: got.append(_post(outage, timeout=30)))
        held.start()
        while outage.waiting < 2:
            time.sleep(0.01)
        assert outage.statuses == [] and got == []
    held.join(timeout=10)
    assert [answer.status_code for answer in got] == [503]


def test_both_layers_are_led_there_without_a_key(monkeypatch):
    monkeypatch.setenv("LANGSMITH_API_KEY", "theirs")
    monkeypatch.delenv("LANGSMITH_BASE_URL", raising=False)
    before = {name: os.environ.get(name) for name in VARIABLES}
    with faults.start(500) as outage:
        during = [os.environ.get(name) for name in VARIABLES]
        assert during[:2] == [outage.url, outage.url] and is_ours(during[2])
    assert {name: os.environ.get(name) for name in VARIABLES} == before


def test_stopping_twice_gives_the_environment_back_once(monkeypatch):
    outage = faults.start(500)
    outage.stop()
    monkeypatch.setenv("LANGSMITH_ENDPOINT", "changed since")
    outage.stop()
    assert os.environ["LANGSMITH_ENDPOINT"] == "changed since"
    with pytest.raises(httpx.ConnectError):
        _post(outage)


@pytest.mark.parametrize("trouble", ["slow", 200, None])
def test_trouble_that_there_is_not_is_refused(trouble):
    with pytest.raises(TutorialError, match="unreachable, silent"):
        faults.start(trouble)


@pytest.mark.parametrize(
    ("trouble", "usual", "once"), [(500, 12, 3), (503, 4, 1), (429, 4, 1), (413, 1, 1)]
)
def test_how_often_the_sdk_tries_is_as_lesson_14_says(trouble, usual, once):
    found = []
    for retries in (_default_retry_config(), Retry(total=0)):
        with faults.start(trouble) as outage:
            info = {"batch_ingest_config": None, "instance_flags": {}}
            quick = retries.new(backoff_factor=0, respect_retry_after_header=False)
            client = Client(info=info, retry_config=quick)
            client.create_run("spell", {}, "chain", id=RUN, trace_id=RUN, dotted_order=ORDER)
            client.flush(timeout=20)
        found.append(len(outage.statuses))
    assert found == [usual, once]


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A LangSmith that was there before."""
    with serving(create_app(tmp_path / "runs.sqlite")) as url:
        monkeypatch.setenv("LANGSMITH_ENDPOINT", url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "theirs")
        yield url


def test_when_it_is_over_runs_are_handed_on_to_the_langsmith_from_before(home):
    run = {"id": RUN, "trace_id": RUN, "dotted_order": ORDER, "name": "spell", "run_type": "chain"}
    run |= {"start_time": "2026-01-01T00:00:00Z", "inputs": {}, "session_name": "handed on"}
    with faults.start(503) as outage:
        assert _ask(outage, "/runs/batch", json={"post": [run]}).status_code == 503
        outage.end()
        assert _ask(outage, "/runs/batch", json={"post": [run]}).status_code == 202
    assert outage.statuses == [503, 202] and RUN.encode() in outage.handed_on[0]
    assert Client(api_url=home, api_key="theirs").has_project("handed on")


def test_what_is_handed_on_names_the_workspace_from_before(monkeypatch):
    named = []

    async def note(request):
        named.append(request.headers.get("x-tenant-id"))
        return JSONResponse({}, 202)

    app = Starlette(routes=[Route("/runs/multipart", note, methods=["POST"])])
    with Server(app, name="home") as home:
        monkeypatch.setenv("LANGSMITH_ENDPOINT", home.url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "theirs")
        monkeypatch.setenv("LANGSMITH_WORKSPACE_ID", "their workspace")
        with faults.start(503, times=0) as outage:
            assert "LANGSMITH_WORKSPACE_ID" not in os.environ
            assert _post(outage).status_code == 202
    assert named == ["their workspace"]


def test_what_comes_while_nobody_is_there_after_it_is_a_bad_gateway(monkeypatch):
    monkeypatch.setenv("LANGSMITH_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("LANGSMITH_API_KEY", "theirs")
    with faults.start(503) as outage:
        outage.end()
        assert _post(outage).status_code == 502
    assert outage.handed_on == []


def test_the_log_of_both_libraries_is_heard_and_given_back():
    before = [logging.getLogger(name).handlers for name in ("langsmith", "LiteLLM")]
    with faults.start(500) as outage:
        logging.getLogger("langsmith.client").warning("gone: http://127.0.0.1:1/x\nmore")
        assert asyncio.run(outage.heard("langsmith", "gone")) == "langsmith: gone: …"
    after = [logging.getLogger(name).handlers for name in ("langsmith", "LiteLLM")]
    assert before == after
