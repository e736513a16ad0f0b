"""What the SDK of this process was seen to send."""

from __future__ import annotations

import uuid

import pytest
from langsmith import Client, RunTree

from helpers.traces import sending


@pytest.fixture
def client(url: str) -> Client:
    return Client(api_url=url, api_key="none")


def send(client: Client, project: str, name: str) -> RunTree:
    root = RunTree(name=name, project_name=project, ls_client=client)
    child = root.create_child("inner")
    for run in (root, child):
        run.post()
    for run in (child, root):
        run.end()
        run.patch()
    client.flush()
    return root


def test_runs_are_seen_by_trace_and_by_the_name_of_the_root(client):
    project = f"sent-{uuid.uuid4()}"
    assert not sending.watch(client) and sending.watch(client)
    root = send(client, project, "define")
    assert {len(runs) for runs in sending.sent(project, None).values()} == {2}
    assert list(sending.sent(project, "define")) == [str(root.id)]
    assert sending.sent(project, "other") == {}


def test_what_was_read_is_forgotten(client):
    project = f"sent-{uuid.uuid4()}"
    sending.watch(client)
    send(client, project, "define")
    sending.forget(project, sending.sent(project, None))
    assert sending.sent(project, None) == {}


def test_a_client_that_is_not_watched_is_not_seen(client):
    project = f"sent-{uuid.uuid4()}"
    send(client, project, "define")
    assert sending.sent(project, None) == {}
