"""What is written becomes readable later: runs, changes, feedback, projects, attachments."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.applications import Starlette

from helpers.errors import TutorialError
from helpers.langsmith_local import create_app, state_of
from helpers.langsmith_local.replica import seconds, share
from tests.serving.opened import serving

LAG = 0.3


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    return create_app(tmp_path / "langsmith.db", lag=LAG)


@pytest.fixture
def get(service: str) -> Callable[..., requests.Response]:
    def get(path: str, **query: Any) -> requests.Response:
        return requests.get(service + path, params=query, timeout=30)

    return get


def until(met: Callable[[], Any]) -> Any:
    """Return what ``met`` does once that is true; the test's own failure when it never is."""
    deadline = time.monotonic() + 30
    while not (found := met()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def read(get: Callable[..., requests.Response], run: dict[str, Any]) -> dict[str, Any] | None:
    answer = get(f"/runs/{run['id']}")
    return answer.json() if answer.status_code == 200 else None


def project_named(get: Callable[..., requests.Response], name: str) -> dict[str, Any] | None:
    found = get("/sessions", name=name).json()
    return found[0] if found else None


def test_a_run_and_its_project_become_readable(send, make_run, get):
    run = make_run()
    assert send(run).status_code == 202
    assert until(lambda: read(get, run))["outputs"] == {"text": "A protocol."}
    assert project_named(get, "glossary")["name"] == "glossary"


def test_a_change_to_a_run_becomes_readable(send, make_run, get):
    run = make_run(end_time=None, outputs=None)
    send(run)
    assert until(lambda: read(get, run))["status"] == "pending"
    send(patch=[run | {"end_time": "2026-01-01T00:00:02Z", "outputs": {"text": "Late."}}])
    assert until(lambda: read(get, run)["status"] == "success")


def test_a_child_may_be_readable_before_its_root(tmp_path, make_run):
    root = make_run(id=with_share(high=True))
    child = make_run(root, id=with_share(high=False))
    with serving(create_app(tmp_path / "langsmith.db", lag=2)) as url:
        requests.post(f"{url}/runs/batch", json={"post": [root, child]}, timeout=30)
        ask = lambda run: requests.get(f"{url}/runs/{run['id']}", timeout=30).status_code  # noqa: E731
        assert until(lambda: ask(child) == 200) and ask(root) == 404
        assert until(lambda: ask(root) == 200)


def test_nothing_of_it_is_readable_before_and_all_of_it_is_kept(tmp_path, make_run):
    database, old, new = tmp_path / "kept.db", make_run(end_time=None), make_run()
    given = {"run_id": new["id"], "key": "correct", "score": 1}
    with serving(create_app(database)) as url:
        requests.post(f"{url}/runs/batch", json={"post": [old]}, timeout=30)
    with serving(create_app(database, lag=60)) as url:
        ended = old | {"end_time": "2026-01-01T00:00:02Z"}
        batch = {"post": [new | {"session_name": "new"}], "patch": [ended]}
        assert requests.post(f"{url}/runs/batch", json=batch, timeout=30).status_code == 202
        assert requests.post(f"{url}/feedback", json=given, timeout=30).status_code == 200
        assert readable(url, old, new) == ("pending", 404, [], [])
    with serving(create_app(database)) as url:
        assert readable(url, old, new) == ("success", 200, ["new"], ["correct"])


def readable(url: str, old: dict[str, Any], new: dict[str, Any]) -> tuple[Any, ...]:
    def ask(path: str) -> requests.Response:
        return requests.get(url + path, timeout=30)

    return (
        ask(f"/runs/{old['id']}").json()["status"],
        ask(f"/runs/{new['id']}").status_code,
        [project["name"] for project in ask("/sessions?name=new").json()],
        [one["key"] for one in ask(f"/feedback?run={new['id']}").json()],
    )


def with_share(*, high: bool) -> str:
    """Return an id by which a run waits nearly the whole lag, or little more than half of it."""
    ids = (str(uuid.uuid4()) for _ in range(10_000))
    return next(
        one for one in ids if (share("runs", one) > 0.99 if high else share("runs", one) < 0.51)
    )


def test_a_filter_finds_it_once_it_is_readable(send, make_run, get, service):
    run = make_run(tags=["nightly"])
    send(run)
    project = until(lambda: project_named(get, "glossary"))
    asked = {"session": [project["id"]], "filter": 'has(tags, "nightly")'}
    query = f"{service}/runs/query"
    assert until(lambda: requests.post(query, json=asked, timeout=30).json()["runs"])


def test_feedback_on_a_run_that_is_not_readable_yet_is_taken(send, make_run, get, service):
    run = make_run()
    send(run)
    given = {"run_id": run["id"], "key": "correct", "score": 1}
    answer = requests.post(f"{service}/feedback", json=given, timeout=30)
    assert answer.status_code == 200
    assert until(lambda: get("/feedback", run=run["id"]).json())[0]["score"] == 1.0
    answer = requests.delete(f"{service}/feedback/{answer.json()['id']}", timeout=30)
    assert answer.status_code == 200 and get("/feedback", run=run["id"]).json() == []


def test_what_is_wrong_is_refused_at_once(send, make_run, service):
    project = str(uuid.uuid4())
    assert send(make_run(session_id=project)).status_code == 404
    given = {"run_id": str(uuid.uuid4()), "key": "correct"}
    assert requests.post(f"{service}/feedback", json=given, timeout=30).status_code == 404
    sessions = f"{service}/sessions"
    assert requests.post(sessions, json={"name": "x"}, timeout=30).status_code == 200
    assert requests.post(sessions, json={"name": "x"}, timeout=30).status_code == 409


def test_a_project_is_known_to_senders_before_it_is_readable(send, make_run, get, service):
    made = requests.post(f"{service}/sessions", json={"name": "new"}, timeout=30).json()
    run = make_run(session_id=made["id"])
    assert send(run).status_code == 202
    assert until(lambda: read(get, run))["session_id"] == made["id"]


def test_a_project_is_deleted_at_once_with_what_is_not_readable_yet(send, make_run, get, service):
    known, late = make_run(), make_run()
    send(known)
    until(lambda: read(get, known))
    project = project_named(get, "glossary")
    send(late)
    assert requests.delete(f"{service}/sessions/{project['id']}", timeout=30).status_code == 200
    assert read(get, known) is None and project_named(get, "glossary") is None
    after = make_run(session_name="another")
    send(after)
    assert until(lambda: read(get, after)) and read(get, late) is None
    assert project_named(get, "glossary") is None


def test_an_attachment_is_later_too(client, get, service):
    run_id = uuid.uuid4()
    client.create_run(
        "draw", {}, "tool", id=run_id, trace_id=run_id, attachments={"dot": ("image/gif", b"GIF")},
        dotted_order=f"20260101T000000000000Z{run_id}", project_name="drawings",
    )  # fmt: skip
    client.flush()
    path = f"/attachments/{run_id}/dot"
    assert until(lambda: get(path).content == b"GIF")


def test_what_the_database_held_before_is_readable_at_once(tmp_path, make_run):
    database, run = tmp_path / "kept.db", make_run()
    with serving(create_app(database)) as url:
        requests.post(f"{url}/runs/batch", json={"post": [run]}, timeout=30)
    with serving(create_app(database, lag=60)) as url:
        assert requests.get(f"{url}/runs/{run['id']}", timeout=30).json()["name"] == "define"


@contextlib.contextmanager
def running(app: Starlette) -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        context = app.router.lifespan_context(app)
        runner.run(context.__aenter__())
        yield runner
        runner.run(context.__aexit__(None, None, None))


def test_without_a_lag_there_is_one_database(tmp_path):
    app = create_app(tmp_path / "langsmith.db")
    with running(app):
        assert state_of(app).replica is None


def test_the_copy_is_gone_when_the_service_ends(app):
    with running(app):
        copy = state_of(app).store.path
        assert copy.exists()
    assert not copy.parent.exists() and state_of(app).store.path != copy


@pytest.mark.parametrize("wrong", ["soon", "-1", "nan", "1e9", "inf"])
def test_a_wrong_lag_says_what_is_right(wrong):
    with pytest.raises(TutorialError, match=r"number of seconds from 0 to 600, such as 1 or 0\.5"):
        seconds(wrong)


def test_a_lag_is_a_number_of_seconds_or_none():
    assert [seconds(given) for given in ("0.5", "1", "", None)] == [0.5, 1.0, 0.0, 0.0]
