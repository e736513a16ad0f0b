"""Projects over HTTP and through the LangSmith client."""

from __future__ import annotations

import datetime

import pytest
import requests
from langsmith.utils import LangSmithConflictError, LangSmithNotFoundError

from helpers.langsmith_local import state_of

ABSENT = "00000000-0000-4000-8000-000000000000"  # fixed: workers must collect the same ids


def test_the_client_makes_and_reads_a_project(client):
    made = client.create_project("glossary", description="terms", metadata={"a": 1})
    read = client.read_project(project_name="glossary")
    assert (read.id, read.description, read.metadata) == (made.id, "terms", {"a": 1})
    assert client.read_project(project_id=str(made.id)).name == "glossary"


def test_a_name_that_is_taken_is_a_conflict(client):
    client.create_project("glossary")
    with pytest.raises(LangSmithConflictError):
        client.create_project("glossary")


def test_upsert_changes_the_project_that_has_the_name(client):
    made = client.create_project("glossary")
    again = client.create_project("glossary", description="terms", upsert=True)
    assert (again.id, again.description) == (made.id, "terms")


def test_the_client_changes_a_project(client):
    made = client.create_project("glossary")
    client.update_project(made.id, name="dictionary", description="words")
    assert client.read_project(project_id=made.id).name == "dictionary"


def test_a_project_that_is_closed_keeps_its_end(client, service):
    made = client.create_project("glossary")
    end = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    client.update_project(made.id, end_time=end)
    assert client.read_project(project_id=made.id).end_time == end
    client.update_project(made.id, description="closed")
    found = requests.get(f"{service}/sessions/{made.id}", timeout=30).json()
    # As in the sample of LangSmith's documentation: the end has an offset, the start has none.
    assert found["end_time"] == "2026-01-01T00:00:00.000000+00:00"
    assert "+" not in found["start_time"]


def test_there_is_a_default_project_before_the_first_run(client, service, send, make_run):
    assert client.read_project(project_name="default")
    assert client.get_run_stats(project_names=["default"])["run_count"] == 0
    send(make_run(session_name=None))
    assert client.get_run_stats(project_names=["default"])["run_count"] == 1


def test_deleting_a_project_deletes_what_is_in_it(client, send, store, make_run):
    send(make_run())
    client.delete_project(project_name="glossary")
    assert not client.has_project("glossary")
    for table in ("runs", "run_values", "unsettled"):
        assert store.connection().execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0


def test_a_project_that_is_not_there_is_not_found(client):
    with pytest.raises(LangSmithNotFoundError):
        client.read_project(project_name="none")
    with pytest.raises(LangSmithNotFoundError):
        client.read_project(project_id=ABSENT)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/sessions/me", None, 422),
        ("GET", f"/sessions/{ABSENT}", None, 404),
        ("PATCH", f"/sessions/{ABSENT}", {"name": "n"}, 404),
        ("DELETE", f"/sessions/{ABSENT}", None, 404),
        ("POST", "/sessions", {}, 422),
        ("POST", "/sessions", {"name": "n", "extra": 1}, 422),
        ("POST", "/sessions", {"name": "n", "description": 1}, 422),
        ("POST", "/sessions", {"name": "n", "start_time": "soon"}, 422),
        ("POST", "/sessions", {"name": "n", "id": "me"}, 422),
        ("POST", "/sessions", {"name": "n", "end_time": "soon"}, 422),
        ("POST", "/sessions", {"name": "n", "reference_dataset_id": ABSENT}, 422),
        ("POST", "/sessions", {"name": "n", "trace_tier": "longlived"}, 422),
        ("POST", "/sessions", [], 422),
    ],
)
def test_a_request_that_cannot_be_met_says_why(service, method, path, body, status):
    answer = requests.request(method, service + path, json=body, timeout=30)
    assert (answer.status_code, list(answer.json())) == (status, ["detail"])


def test_a_deleted_project_leaves_no_text_in_the_files_or_the_log(
    client, send, store, app, make_run
):
    send(make_run(inputs={"question": "marigold " * 5_000}, tags=["marigold"]))
    send(make_run(session_name="other", inputs={"question": "dandelion"}))
    store.settle()
    client.delete_project(project_name="glossary")
    held = [file.read_bytes() for file in store.path.parent.iterdir()]
    assert not any(b"marigold" in content for content in held)
    assert any(b"dandelion" in content for content in held)
    assert not any(b"marigold" in body for body in state_of(app).requests.bodies())


def test_a_patch_that_waits_for_its_post_goes_with_its_project(
    client, service, send, store, make_run
):
    send(make_run())
    late = {**make_run(), "outputs": {"answer": "marigold"}}
    requests.post(f"{service}/runs/batch", json={"patch": [late]}).raise_for_status()
    assert store.connection().execute("SELECT count(*) FROM early_patches").fetchone()[0] == 1
    client.delete_project(project_name="glossary")
    assert store.connection().execute("SELECT count(*) FROM early_patches").fetchone()[0] == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "n" * 1_001}, ("name", "1000")),
        ({"name": "a\0b"}, ("name", "NUL")),
        ({"name": "p", "id": 0}, ("id", "UUID")),
        ({"name": "p", "start_time": "0001-01-01T00:00:00+23:59"}, ("start_time", "1900 to 2299")),
        ({"name": "p", "extra": {"a": "deep"}}, ("extra", "200 levels")),
    ],
)
def test_a_project_beyond_a_bound_names_the_field_and_the_bound(service, body, said):
    if "extra" in body:
        for _ in range(300):
            body = {**body, "extra": {"a": body["extra"]}}
    answer = requests.post(f"{service}/sessions", json=body, timeout=30)
    assert answer.status_code == 422 and all(word in answer.text for word in said)
    assert not requests.get(f"{service}/sessions?name={body['name'][:9]}", timeout=30).json()
