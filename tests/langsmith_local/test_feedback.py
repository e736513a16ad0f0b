"""Feedback over HTTP and through the LangSmith client."""

from __future__ import annotations

import uuid

import pytest
import requests
from langsmith.utils import LangSmithError

from helpers.langsmith_local import state_of

USER = "00000000-0000-4000-8000-000000000007"
ABSENT = "00000000-0000-4000-8000-000000000000"  # fixed: workers must collect the same ids


@pytest.fixture
def run(send, make_run):
    run = make_run()
    send(run)
    return run


def test_the_client_gives_and_reads_feedback(client, run, store):
    project = store.project("glossary")["id"]
    made = client.create_feedback(
        run["id"], "useful", score=0.5, comment="fine", value="B", session_id=project
    )
    read = client.read_feedback(made.id)
    assert (read.key, read.score, read.comment, read.value) == ("useful", 0.5, "fine", "B")
    assert str(read.run_id) == run["id"]


def test_feedback_with_a_trace_id_rides_along(client, run, store, app):
    project = store.project("glossary")["id"]
    client.create_feedback(run["id"], "useful", score=True, trace_id=run["id"], session_id=project)
    client.flush()
    assert [one.path for one in state_of(app).requests][-1] == "/runs/multipart"
    assert next(client.list_feedback(run_ids=[run["id"]])).score == 1


def test_feedback_knows_the_project_of_its_run(service, run, store):
    body = {"run_id": run["id"], "key": "useful"}
    made = requests.post(f"{service}/feedback", json=body, timeout=30).json()
    assert (made["session_id"], made["trace_id"]) == (store.project("glossary")["id"], run["id"])


def test_a_project_can_have_feedback(service, run, store):
    body = {"session_id": store.project("glossary")["id"], "key": "useful"}
    assert requests.post(f"{service}/feedback", json=body, timeout=30).status_code == 200


def test_the_client_changes_and_deletes_feedback(client, service, run):
    body = {"id": str(uuid.uuid4()), "run_id": run["id"], "key": "useful", "score": 0}
    requests.post(f"{service}/feedback", json=body, timeout=30)
    client.update_feedback(body["id"], score=1, comment="better")
    assert client.read_feedback(body["id"]).comment == "better"
    client.delete_feedback(body["id"])
    assert list(client.list_feedback(run_ids=[run["id"]])) == []


def test_feedback_sent_again_is_one_feedback(service, run):
    body = {"id": str(uuid.uuid4()), "run_id": run["id"], "key": "useful", "score": 0}
    for score in (0, 1):
        requests.post(f"{service}/feedback", json=body | {"score": score}, timeout=30)
    found = requests.get(f"{service}/feedback?run={run['id']}", timeout=30).json()
    assert [one["score"] for one in found] == [1]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", ["project", "length", "useful"]),
        ("key=useful", ["useful"]),
        ("key=useful&key=length", ["length", "useful"]),
        ("source=model", ["length"]),
        ("has_comment=true", ["useful"]),
        ("has_score=false", ["project", "useful"]),
        ("limit=1&offset=2", ["useful"]),
        (f"run={ABSENT}", []),
        (f"user={USER}", ["length"]),
        (f"user={ABSENT}", []),
        ("level=run", ["length", "useful"]),
        ("level=session", ["project"]),
        ("max_created_at=2026-01-01T00:00:00", ["useful"]),
        ("min_created_at=2026-01-01T00:00:01Z&level=run", ["length"]),
    ],
)
def test_a_list_of_feedback_is_narrowed(service, run, store, query, keys):
    on_run = {"run_id": run["id"]}
    useful = on_run | {"key": "useful", "comment": "yes", "created_at": "2026-01-01T00:00:00Z"}
    source = {"type": "model", "user_id": USER}
    length = on_run | {"key": "length", "score": 3, "feedback_source": source}
    project = {"key": "project", "session_id": store.project("glossary")["id"]}
    for body in (useful, length, project):
        requests.post(f"{service}/feedback", json=body, timeout=30).raise_for_status()
    found = requests.get(f"{service}/feedback?{query}", timeout=30).json()
    assert [one["key"] for one in found] == keys


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"key": ""}, 422),
        ({"key": "k" * 181}, 422),
        ({"key": "k", "score": "high"}, 422),
        ({"key": "k", "comment": 1}, 422),
        ({"key": "k", "run_id": "me"}, 422),
        ({"key": "k", "created_at": "soon"}, 422),
        ({"key": "k", "value": [[]]}, 422),
        ({"key": "k", "correction": 1}, 422),
        ({"key": "k", "extra": "x"}, 422),
        ({"key": "k", "feedback_source": {"type": "rumour"}}, 422),
        ({"key": "k", "feedback_source": "api"}, 422),
        ({"key": "k", "run_id": ABSENT}, 404),
        ({"key": "k"}, 404),
        ([], 422),
    ],
)
def test_feedback_that_cannot_be_kept_says_why(service, body, status):
    answer = requests.post(f"{service}/feedback", json=body, timeout=30)
    assert (answer.status_code, list(answer.json())) == (status, ["detail"])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("source=rumour", "takes api, model, app, auto_eval"),
        ("user=me", "UUID"),
        ("level=thread", "takes run, session"),
        ("min_created_at=soon", "ISO 8601"),
        ("max_created_at=0001-01-01", "1900"),
        (f"comparative_experiment_id={ABSENT}", "does not serve it"),
    ],
)
def test_a_list_that_cannot_be_narrowed_so_says_why(service, query, said):
    answer = requests.get(f"{service}/feedback?{query}", timeout=30)
    (wrong,) = answer.json()["detail"]
    assert (answer.status_code, wrong["loc"]) == (422, ["query", query.partition("=")[0]])
    assert said in wrong["msg"]


def test_what_is_wrong_with_feedback_reads_well_in_the_sdk(client, run, store):
    project = store.project("glossary")["id"]
    with pytest.raises(LangSmithError, match="key: must be text of 1 to 180 characters"):
        client.create_feedback(run["id"], "k" * 181, score=1, session_id=project)


def test_times_of_feedback_have_no_offset(service, run):
    body = {"run_id": run["id"], "key": "k", "created_at": "2026-01-01T02:00:00+02:00"}
    made = requests.post(f"{service}/feedback", json=body, timeout=30).json()
    assert made["created_at"] == "2026-01-01T00:00:00.000000"


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(("one", "status"), [("me", 422), (ABSENT, 404)])
def test_feedback_that_is_not_there_is_not_found(service, method, one, status):
    answer = requests.request(method, f"{service}/feedback/{one}", json={}, timeout=30)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("field", "value", "limit"),
    [
        ("score", 1e300, "1000000000000"),
        ("score", 2**63, "1000000000000"),
        ("created_at", "0001-01-01T00:00:00+23:59", "1900 to 2299"),
        ("key", "a\0b", "1 to 180 characters"),
        ("value", {"a": [[]]}, None),
        ("value", "deep", "200 levels"),
        ("extra", "deep", "200 levels"),
    ],
)
def test_feedback_beyond_a_bound_names_the_field_and_the_bound(service, run, field, value, limit):
    for _ in range(300 if value == "deep" else 0):
        value = {"a": value}
    body = {"run_id": run["id"], "key": "useful", field: value}
    answer = requests.post(f"{service}/feedback", json=body, timeout=30)
    assert answer.status_code == (422 if limit else 200)
    assert limit is None or (field in answer.text and limit in answer.text)
    assert requests.get(f"{service}/feedback", timeout=30).status_code == 200


def test_feedback_of_a_batch_is_refused_as_ingestion_refuses(service, run):
    body = b'{"id": "%b", "run_id": "%b", "trace_id": "%b", "key": "useful", "score": 1e300}'
    body %= ABSENT.encode(), run["id"].encode(), run["id"].encode()
    head = f'Content-Disposition: form-data; name="feedback.{ABSENT}"\r\n'
    head += f"Content-Type: application/json; length={len(body)}\r\n\r\n"
    answer = requests.post(
        f"{service}/runs/multipart",
        data=b"--B\r\n" + head.encode() + body + b"\r\n--B--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=B"},
        timeout=30,
    )
    assert (answer.status_code, list(answer.json())) == (422, ["error"])
    assert f"feedback.{ABSENT}" in answer.text and "score" in answer.text
