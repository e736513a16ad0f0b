"""Ingestion over HTTP: what is stored, what is refused, and that nothing is stored by halves."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from langsmith import Client

from helpers.langsmith_local.projects import create
from helpers.serving.bounds import QUICK_BYTES


def count(store, table: str = "runs") -> int:
    return store.connection().execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def multipart(service: str, *parts: tuple[str, object, str]) -> requests.Response:
    """Post parts (name, JSON value or bytes, content type)."""
    body = b""
    for name, value, kind in parts:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        head = f'Content-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}; '
        body += f"--B\r\n{head}length={len(content)}\r\n\r\n".encode() + content + b"\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    return requests.post(f"{service}/runs/multipart", body + b"--B--", headers=headers, timeout=30)


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_a_batch_is_accepted_under_both_prefixes(service, store, make_run, prefix):
    batch = {"post": [make_run()]}
    answer = requests.post(f"{service}{prefix}/runs/batch", json=batch, timeout=30)
    assert (answer.status_code, count(store)) == (202, 1)


def test_a_run_is_stored_as_it_was_sent(send, stored, make_run):
    run = make_run(tags=["a"], extra={"metadata": {"k": 1}}, serialized={"name": "x"}, events=[])
    send(run)
    row = stored(run["id"])
    for key in ("inputs", "outputs", "extra", "serialized", "events", "tags"):
        assert json.loads(row[key]) == run[key]
    assert (row["status"], row["latency"], row["is_root"]) == ("success", 1.5, 1)


def test_a_project_is_made_when_a_run_first_names_it(send, store, make_run):
    send(make_run(session_name="new"), make_run(session_name="new"))
    assert store.project("new")["start_time"] == 1_767_225_600_000_000


def test_a_run_may_name_its_project_by_id(send, store, stored, make_run):
    with store.writing() as connection:
        project = create(connection, "glossary", 2**60)
    run = make_run(session_id=project)
    assert send(run).status_code == 202
    assert stored(run["id"])["project_id"] == project
    assert store.project(project)["start_time"] == stored(run["id"])["start_time"]


def test_a_session_id_that_is_no_project_is_not_found(send, make_run):
    answer = send(make_run(session_id=str(uuid.uuid4())))
    assert answer.status_code == 404
    assert "tracer session not found" in answer.json()["error"]


def test_a_session_id_that_is_no_uuid_is_answered_as_langsmith_does(send, make_run):
    answer = send(make_run(session_id="chat-7"))
    assert answer.status_code == 422
    assert answer.json() == {
        "error": "Unprocessable entity: invalid batch JSON: batch schema error "
        "post.0.session_id: Must validate one and only one schema (oneOf)"
    }


@pytest.mark.parametrize(
    "fault",
    [
        {"session_id": "chat-7"},
        {"session_id": str(uuid.uuid4())},
        {"trace_id": str(uuid.uuid4())},
        {"parent_run_id": str(uuid.uuid4())},
        {"run_type": "agent"},
        {"start_time": "soon"},
    ],
    ids=lambda fault: next(iter(fault)),
)
def test_one_bad_run_refuses_the_whole_batch(send, store, make_run, fault):
    answer = send(make_run(), make_run(**fault), make_run())
    assert answer.status_code in (400, 404, 422)
    assert (count(store), count(store, "projects")) == (0, 1)  # the default one


@pytest.mark.parametrize("body", ["", "[]", "null", '{"post": 1}', '{"post": [1]}', '{"post": ['])
def test_a_body_that_is_no_batch_is_unprocessable(service, body):
    answer = requests.post(f"{service}/runs/batch", data=body, timeout=30)
    assert (answer.status_code, list(answer.json())) == (422, ["error"])


def test_sending_a_run_again_changes_nothing(send, store, stored, make_run):
    run = make_run()
    send(run)
    first = stored(run["id"])
    send(run, run)
    assert (stored(run["id"]), count(store)) == (first, 1)


def test_null_in_a_patch_leaves_a_field_as_it_is(send, stored, make_run):
    run = make_run(end_time=None, outputs=None)
    send(run)
    send(patch=[run | {"name": None, "inputs": None, "outputs": {"text": "B"}}])
    row = stored(run["id"])
    assert (row["name"], row["inputs"]) == ("define", '{"term":"HTTP"}')
    assert row["outputs"] == '{"text":"B"}'


def test_a_pending_run_is_done_once_its_end_comes(send, stored, make_run):
    run = make_run(end_time=None)
    send(run)
    assert (stored(run["id"])["status"], stored(run["id"])["latency"]) == ("pending", None)
    send(patch=[run | {"end_time": "2026-01-01T00:00:02Z"}])
    assert (stored(run["id"])["status"], stored(run["id"])["latency"]) == ("success", 2.0)


def test_an_update_may_come_before_its_run(send, store, stored, make_run):
    run = make_run(outputs=None, end_time=None)
    send(patch=[run | {"outputs": {"text": "early"}, "error": "no"}])
    assert (stored(run["id"]), count(store, "early_patches")) == (None, 1)
    send(run)
    assert (stored(run["id"])["outputs"], stored(run["id"])["status"]) == (
        '{"text":"early"}',
        "error",
    )
    assert count(store, "early_patches") == 0


def test_early_updates_apply_in_the_order_in_which_they_came(send, stored, make_run):
    run = make_run()
    for text in ("first", "second"):
        send(patch=[run | {"outputs": {"text": text}, "tags": [text]}])
    send(run | {"outputs": None})
    assert stored(run["id"])["tags"] == '["second"]'


def test_a_patch_in_the_batch_of_its_run_is_applied(send, stored, make_run):
    run = make_run()
    send(run, patch=[run | {"error": "ValueError('no')"}])
    assert stored(run["id"])["status"] == "error"


def test_a_single_run_gets_the_ids_it_left_out(service, store):
    run = {"name": "n", "run_type": "chain", "start_time": 1_767_225_600_000, "inputs": {}}
    answer = requests.post(f"{service}/runs", json=run, timeout=30)
    [row] = store.connection().execute("SELECT * FROM runs").fetchall()
    assert answer.status_code == 202
    assert row["id"] == row["trace_id"] == answer.json()["id"]
    assert row["dotted_order"] == f"20260101T000000000000Z{row['id']}"


def test_a_single_run_that_comes_again_is_a_conflict_that_changes_nothing(
    service, stored, make_run
):
    run = make_run()
    assert requests.post(f"{service}/runs", json=run, timeout=30).status_code == 202
    again = requests.post(f"{service}/runs", json=run | {"name": "again"}, timeout=30)
    said = {"error": "Conflict: payload already received: payloads already received"}
    assert (again.status_code, again.json()) == (409, said)
    assert stored(run["id"])["name"] == "define"


def test_the_sdk_takes_a_conflict_for_a_success(service, stored):
    ident = "0f9b3c1e-0000-4000-8000-000000000009"
    client = Client(api_url=service, api_key="none", auto_batch_tracing=False)
    for name in ("first", "second"):
        client.create_run(name, {}, "chain", id=ident)
    assert stored(ident)["name"] == "first"


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_single_child_is_put_beneath_its_parent(service, send, stored, make_run, known):
    parent = make_run()
    if known:
        send(parent)
    run = {"id": str(uuid.uuid4()), "parent_run_id": parent["id"], "name": "n", "run_type": "tool"}
    assert requests.post(f"{service}/runs", json=run, timeout=30).status_code == 202
    row = stored(run["id"])
    assert (row["trace_id"], row["dotted_order"].count(".")) == (parent["id"], 1)


def test_a_single_run_is_updated_by_its_id(service, send, stored, make_run):
    run = make_run()
    send(run)
    url = f"{service}/runs/{run['id']}"
    assert requests.patch(url, json={"tags": ["late"]}, timeout=30).status_code == 202
    assert stored(run["id"])["tags"] == '["late"]'
    assert requests.patch(f"{service}/runs/me", json={}, timeout=30).status_code == 422


@pytest.mark.parametrize("first", ["batch", "early", "patch"])
def test_a_run_that_was_changed_is_not_changed_by_patch_again(
    service, send, stored, make_run, first
):
    run, late = make_run(), {"tags": ["late"]}
    url = f"{service}/runs/{run['id']}"
    if first == "early":
        send(patch=[run | {"tags": ["first"]}])
        assert requests.patch(url, json=late, timeout=30).status_code == 409
    send(run)
    if first == "batch":
        send(patch=[run | {"tags": ["first"]}])
    if first == "patch":
        assert requests.patch(url, json={"tags": ["first"]}, timeout=30).status_code == 202
    answer = requests.patch(url, json=late, timeout=30)
    assert (answer.status_code, stored(run["id"])["tags"]) == (409, '["first"]')
    assert "payloads already received" in answer.json()["error"]
    assert send(patch=[run | late]).status_code == 202  # LiteLLM's callback sends again
    assert stored(run["id"])["tags"] == '["late"]'


def test_multipart_puts_a_run_together_from_its_parts(service, stored, make_run):
    run = make_run()
    key, as_json = f"post.{run['id']}", "application/json"
    fields = ((f"{key}.{name}", run.pop(name), as_json) for name in ("inputs", "outputs"))
    answer = multipart(service, (key, run, as_json), *fields, (f"{key}.error", "no", as_json))
    row = stored(run["id"])
    assert answer.status_code == 202
    assert (row["inputs"], row["error"]) == ('{"term": "HTTP"}', "no")


def test_attachments_are_kept_and_served(service, make_run):
    run = make_run()
    image = bytes(range(256))
    name = f"attachment.{run['id']}.chart"
    multipart(service, (f"post.{run['id']}", run, "application/json"), (name, image, "image/png"))
    answer = requests.get(f"{service}/attachments/{run['id']}/chart", timeout=30)
    assert (answer.content, answer.headers["Content-Type"]) == (image, "image/png")
    assert requests.get(f"{service}/attachments/{run['id']}/x", timeout=30).status_code == 404


def test_feedback_may_come_along_with_its_run(service, store, make_run):
    run = make_run()
    feedback = {"run_id": run["id"], "trace_id": run["id"], "key": "useful", "score": True}
    parts = ((f"post.{run['id']}", run), (f"feedback.{uuid.uuid4()}", feedback))
    assert multipart(service, *((*part, "application/json") for part in parts)).status_code == 202
    [row] = store.connection().execute("SELECT * FROM feedback").fetchall()
    assert (row["key"], row["score"], row["run_id"]) == ("useful", 1.0, run["id"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("post.{id}", []),
        ("post.{id}", b"{"),
        ("post.{id}.inputs", {}),
        ("post.{id}.other", {}),
        ("attachment.me.a", b""),
        ("feedback.x", {"score": 1}),
        ("feedback.x", {"key": "k", "score": 1}),
        ("hello", {}),
        ("", {}),
    ],
)
def test_a_part_that_cannot_be_used_refuses_the_request(service, store, make_run, name, value):
    run = make_run()
    bad = (name.format(id=uuid.uuid4()), value, "application/json")
    answer = multipart(service, (f"post.{run['id']}", run, "application/json"), bad)
    assert (answer.status_code, count(store)) == (422, 0)


def test_side_tables_are_filled_when_the_store_settles(send, store, make_run):
    run = make_run(tags=["a", "a"], extra={"metadata": {"user": {"id": 7}}})
    send(run)
    store.settle()
    rows = store.connection().execute
    assert [row["tag"] for row in rows("SELECT tag FROM run_tags")] == ["a"]
    assert [tuple(row) for row in rows("SELECT key, value FROM run_metadata")] == [("user.id", "7")]
    assert count(store, "run_values") == 2


def test_settling_again_after_a_change_leaves_nothing_stale(send, store, make_run):
    run = make_run(tags=["old"])
    send(run)
    store.settle()
    send(patch=[run | {"tags": ["new"]}])
    store.settle()
    assert [row[0] for row in store.connection().execute("SELECT tag FROM run_tags")] == ["new"]


def test_batches_sent_at_once_are_all_stored(send, store, make_run):
    root = make_run(run_type="chain")
    batches = [[make_run(root) for _ in range(20)] for _ in range(10)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda batch: send(*batch).status_code, batches))
    assert (answers, count(store)) == ([202] * 10, 200)


def test_a_database_survives_its_service(send, store, make_run, tmp_path):
    send(make_run())
    store.close()
    assert count(type(store)(tmp_path / "langsmith.db")) == 1


def several(make_run, runs: int, *, apart: bool = False) -> list[tuple[str, object, str]]:
    """Return parts above the bytes that are read as a whole, the inputs beside their run or not."""
    made = [make_run(name=f"run {number}") for number in range(runs)]
    inputs = {"text": "x" * (3 * QUICK_BYTES // runs)}
    main = [(f"post.{run['id']}", run, "application/json") for run in made]
    more = [(f"post.{run['id']}.inputs", inputs, "application/json") for run in made]
    return (
        [*main, *more]
        if apart
        else [part for both in zip(main, more, strict=True) for part in both]
    )


@pytest.mark.parametrize("apart", [False, True], ids=["together", "apart"])
def test_a_large_body_is_taken_in_portions(service, store, make_run, apart):
    sent = several(make_run, 12, apart=apart)
    assert multipart(service, *sent).status_code == 202
    found = store.connection().execute("SELECT count(*), min(length(inputs)) FROM runs").fetchone()
    assert (found[0], found[1] > QUICK_BYTES / 12) == (12, True)


@pytest.mark.parametrize(
    ("wrong", "status"), [({"run_type": "sandwich"}, 422), ({"session_id": str(uuid.uuid4())}, 404)]
)
def test_the_last_portion_refuses_a_large_body(service, store, make_run, wrong, status):
    sent = several(make_run, 12)
    sent[-2] = (sent[-2][0], sent[-2][1] | wrong, sent[-2][2])
    assert multipart(service, *sent).status_code == status
    assert count(store) == 0
