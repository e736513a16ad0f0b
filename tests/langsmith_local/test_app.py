"""The service as a whole: routes, errors, who may ask, what is remembered of requests."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable

import pytest
import requests
from langsmith.run_trees import RunTree

from helpers.langsmith_local import state_of

ABSENT = "00000000-0000-4000-8000-000000000000"


def test_info_makes_the_client_compress_without_a_warning(client, app, caplog):
    with caplog.at_level(logging.WARNING):
        # The first runs go out as they are, until the client's thread has read GET /info.
        RunTree(name="first", client=client, project_name="glossary").post()
        client.flush()
        until(lambda: client.compressed_traces is not None)
        RunTree(name="second", client=client, project_name="glossary").post()
        client.flush()
    assert caplog.messages == []
    assert [one.encoding for one in state_of(app).requests if one.size][-1] == "zstd"


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_settings_name_the_workspace(service, store):
    settings = requests.get(f"{service}/settings", timeout=30).json()
    assert (settings["id"], settings["display_name"]) == (store.tenant_id, "This machine")


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_ok_is_ok(service, prefix):
    assert requests.get(f"{service}{prefix}/ok", timeout=30).json() == {"ok": True}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/datasets"), ("POST", "/api/v1/datasets"), ("GET", "/ok/")),
        # LangSmith has them beside /feedback/{id} and /runs/{id}; they are no ids.
        *(("POST", "/feedback/tokens"), ("POST", "/runs/delete"), ("GET", "/runs/rules")),
    ],
)
def test_an_unknown_route_is_named_and_what_is_served_too(service, method, path):
    answer = requests.request(method, service + path, timeout=30, allow_redirects=False)
    assert answer.status_code == 501
    assert f"does not serve {method} {path}" in answer.json()["detail"]
    assert "POST /runs/multipart" in answer.json()["detail"]


def test_the_sdk_asks_once_for_what_is_not_served(client, app):
    async def share() -> None:
        await client.runs.share.create(ABSENT, session_id=ABSENT, trace_id=ABSENT)

    with pytest.raises(Exception, match="does not serve POST"):
        asyncio.run(share())
    shared = [one for one in state_of(app).requests if one.path.endswith("/share")]
    assert [one.status for one in shared] == [501]


def test_an_unknown_v2_route_answers_with_problem_details(service):
    answer = requests.get(f"{service}/api/v2/nothing", timeout=30)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} == set(answer.json())


def test_a_wrong_method_is_not_allowed_and_the_right_ones_are_named(service):
    answer = requests.put(f"{service}/sessions", timeout=30)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert "PUT is not allowed on /sessions" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Host", "evil.example", 403),
        ("Host", "evil.example:80", 403),
        ("Host", "127.0.0.1.evil.example", 403),
        ("Host", "[::1", 403),
        ("Host", "localhost:1", 200),
        ("Host", "[::1]:80", 200),
        ("Origin", "https://evil.example", 403),
        ("Origin", "http://127.0.0.1:1", 403),
        ("Origin", "null", 403),
    ],
)
def test_pages_of_other_sites_are_kept_away(service, header, value, status):
    assert requests.get(f"{service}/ok", headers={header: value}, timeout=30).status_code == status


def test_the_service_s_own_pages_may_ask(service):
    answer = requests.get(f"{service}/ok", headers={"Origin": service}, timeout=30)
    assert answer.status_code == 200


def test_a_failure_is_told_as_json(service, store):
    store.connection().execute("DROP TABLE projects")
    answer = requests.get(f"{service}/sessions", timeout=30)
    assert answer.status_code == 500
    assert "failed on GET /sessions" in answer.json()["detail"]


def test_requests_are_remembered_with_their_decoded_bodies(service, app, make_run):
    batch = {"post": [make_run()]}
    requests.post(f"{service}/runs/batch", json=batch, timeout=30)
    [one] = state_of(app).requests
    assert (one.method, one.path, one.status) == ("POST", "/runs/batch", 202)
    assert (json.loads(one.body), one.size) == (batch, len(one.body))
    assert state_of(app).requests.bodies() == [one.body]


def test_keys_are_neither_remembered_nor_stored(client, service, app, store):
    headers = {"Authorization": "Bearer secret-2"}
    requests.get(f"{service}/sessions?api_key=secret-3", headers=headers, timeout=30)
    client.create_run("define", {}, "chain", project_name="glossary")
    client.flush()
    database = b"".join(path.read_bytes() for path in store.path.parent.iterdir())
    seen = state_of(app).requests
    for secret in ("lsv2_pt_not_a_key", "secret-2", "secret-3"):
        assert secret not in repr(list(seen)) + repr(seen.bodies())
        assert secret.encode() not in database
