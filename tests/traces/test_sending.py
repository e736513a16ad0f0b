"""What a client was seen to send."""

from __future__ import annotations

from collections.abc import Iterator

import langsmith
import pytest
import requests
from langsmith import Client

from helpers.langsmith_local.app import INFO
from helpers.traces import sending
from tests.traces.calls import define


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    sending.watch(client)
    yield client
    client.close()


def test_what_is_sent_is_known_by_project_and_name(client: Client, project: str):
    first, second = langsmith.uuid7(), langsmith.uuid7()
    define("HTTP", langsmith_extra={"client": client, "run_id": first})
    define("DNS", langsmith_extra={"client": client, "run_id": second, "name": "other"})
    client.flush()
    sent = sending.sent(project, None)
    assert set(sent) == {str(first), str(second)} and {len(runs) for runs in sent.values()} == {2}
    assert set(sending.sent(project, "other")) == {str(second)}
    assert sending.sent("elsewhere", None) == {}


def test_what_was_read_is_forgotten(client: Client, project: str):
    define("HTTP", langsmith_extra={"client": client})
    client.flush()
    sending.forget(project, sending.sent(project, None))
    assert sending.sent(project, None) == {}


def test_what_was_sent_as_json_is_known_too(project: str):
    config = {**INFO["batch_ingest_config"], "use_multipart_endpoint": False}
    client = Client(info={**INFO, "batch_ingest_config": config})
    sending.watch(client)
    define("HTTP", langsmith_extra={"client": client})
    client.flush()
    assert len(sending.sent(project, "define")) == 1
    client.close()


def test_what_was_sent_one_by_one_is_known_too(project: str):
    client = Client(auto_batch_tracing=False)
    sending.watch(client)
    define("HTTP", langsmith_extra={"client": client})
    assert [len(runs) for runs in sending.sent(project, "define").values()] == [2]
    client.close()


def test_a_run_without_a_trace_is_left_alone(client: Client, project: str, url: str):
    run = {"id": str(langsmith.uuid7()), "name": "bare", "run_type": "chain", "inputs": {}}
    run |= {"start_time": "2026-01-01T00:00:00Z", "session_name": project}
    assert client.session.post(f"{url}/runs", json=run, timeout=30).ok
    assert sending.sent(project, None) == {}


def test_what_was_refused_does_not_count(client: Client, project: str, url: str):
    refused = client.session.post(f"{url}/runs/batch", json={"post": [{"id": "x"}]}, timeout=30)
    assert refused.status_code == 422 and sending.sent(project, None) == {}


def test_what_is_no_run_is_left_alone(client: Client, project: str, url: str):
    odd = client.session.post(f"{url}/runs/batch", json={"post": []}, timeout=30)
    assert odd.ok and sending.sent(project, None) == {}


def test_a_client_is_watched_once():
    client = Client(session=requests.Session())
    assert not sending.watch(client) and sending.watch(client)
    assert len(client.session.hooks["response"]) == 1
    client.close()
