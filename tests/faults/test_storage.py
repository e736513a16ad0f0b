"""Databases and folders of recordings that are wrong, foreign, damaged, locked, full or old."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from langsmith import Client
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from helpers import __main__ as command_line
from helpers import recording, replay, session
from helpers.errors import TutorialError
from helpers.langsmith_local import create_app, state_of
from helpers.langsmith_local.store import Store
from helpers.paths import RECORDINGS
from helpers.testing.faults import case, fault
from tests.faults import disks
from tests.recording.samples import asked
from tests.serving.opened import serving

PAGE = f"/o/{Store.tenant_id}/projects/p/01234567-89ab-4def-8123-456789abcdef"
ID = "01234567-89ab-4def-8123-456789abcdef"
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
REFUSED = "one sentence with the command that mends it, exit status 2, and the file as it was"
Told = Callable[..., str]


def run(number: int = 1, size: int = 1) -> dict[str, Any]:
    """Return a complete run, as the SDK sends one."""
    ident = f"{number:08}{ID[8:]}"
    order = f"20260101T000000000000Z{ident}"
    return {
        "id": ident,
        "trace_id": ident,
        "dotted_order": order,
        "name": f"run {number}",
        "run_type": "llm",
        "session_name": "glossary",
        "start_time": "2026-01-01T00:00:00Z",
        "end_time": "2026-01-01T00:00:01Z",
        "inputs": {"text": "x" * size},
    }


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Iterator[Told]:
    """Runs ``serve`` where it cannot, and returns the one sentence that it ends with."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def told(*options: object) -> str:
        assert command_line.main(["serve", *map(str, options)]) == 2
        said = capsys.readouterr()
        assert said.out == "" and said.err.startswith("serve: ")
        assert said.err.count("\n") == 1, said.err
        return said.err

    yield told
    for number, handler in kept.items():
        signal.signal(number, handler)


# At the start: the database


def text(path: Path) -> None:
    path.write_text("These are notes, and they stay. " * 200)


def folder(path: Path) -> None:
    path.mkdir()


def cut_short(path: Path) -> None:
    path.write_bytes(b"SQLite")


def foreign(path: Path) -> None:
    disks.sqlite(path, "CREATE TABLE runs (experiment TEXT)", "CREATE TABLE metrics (value REAL)")


def with_the_mark_of_another(path: Path) -> None:
    Store(path).close()
    disks.sqlite(path, "PRAGMA application_id = 252006674")


def with_a_version_of_its_own(path: Path) -> None:
    disks.sqlite(path, "PRAGMA user_version = 7")


def damaged(path: Path) -> None:
    filled(path)
    content = bytearray(path.read_bytes())
    content[8192:40960] = b"\xa5" * 32768
    path.write_bytes(content)


def truncated(path: Path) -> None:
    filled(path)
    os.truncate(path, path.stat().st_size // 2)


def newer(path: Path) -> None:
    Store(path).close()
    disks.sqlite(path, "PRAGMA user_version = 99")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def filled(path: Path) -> None:
    app = create_app(path)
    with TestClient(app) as client:
        sent = client.post("/runs/batch", json={"post": [run(n, 2000) for n in range(50)]})
        assert sent.status_code == 202


@pytest.mark.parametrize(
    ("make", "says"),
    [
        case(text, "no SQLite database", broken="--database is a text file", holds=REFUSED),
        case(folder, "is a folder", broken="--database is a folder", holds=REFUSED),
        case(cut_short, "no SQLite database", broken="--database has 6 bytes", holds=REFUSED),
        case(foreign, "metrics, runs", broken="--database is another program's", holds=REFUSED),
        case(
            with_the_mark_of_another,
            "another program",
            broken="--database bears another program's mark",
            holds=REFUSED,
        ),
        case(
            with_a_version_of_its_own,
            "another program",
            broken="--database is empty, with another program's version",
            holds=REFUSED,
        ),
        case(damaged, r"damaged.*\.recover", broken="--database has bad pages", holds=REFUSED),
        case(truncated, r"damaged.*\.recover", broken="--database is half a file", holds=REFUSED),
        case(newer, "99.*up to .*git pull", broken="--database is newer", holds=REFUSED),
        pytest.param(
            *(pipe, "no regular file"),
            marks=[posix, fault("--database is a pipe", REFUSED)],
            id="database-is-a-pipe",
        ),
    ],
)
def test_a_database_that_is_none(told, tmp_path, make, says):
    path = tmp_path / "traces.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    assert_says(told("--database", path), says, path)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert list(tmp_path.iterdir()) == [path]


def assert_says(said: str, pattern: str, path: Path) -> None:
    assert str(path) in said
    assert re.search(pattern, said), said


@fault("--database stands in a folder that is not there", "one sentence with the line of mkdir")
def test_a_database_in_no_folder(told, tmp_path):
    path = tmp_path / "none" / "traces.sqlite"
    assert_says(told("--database", path), f"mkdir -p {path.parent}", path)


@fault("--database stands in a file", "one sentence that it should be a folder")
def test_a_database_in_a_file(told, tmp_path):
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "traces.sqlite"
    assert_says(told("--database", path), "is a file, and it should be a folder", path)


@posix
@pytest.mark.parametrize(
    ("mode_of_file", "mode_of_folder"),
    [
        case(0o400, 0o700, broken="--database is read-only", holds=REFUSED),
        case(0o000, 0o700, broken="--database cannot be read", holds=REFUSED),
        case(0o600, 0o500, broken="the folder of --database is read-only", holds=REFUSED),
        case(None, 0o500, broken="the new --database is in a read-only folder", holds=REFUSED),
    ],
)
def test_a_database_that_is_not_to_be_written(told, mode_of_file, mode_of_folder):
    with disks.ordinary_user() as place:
        path = place / "traces.sqlite"
        if mode_of_file is not None:
            Store(path).close()
            path.chmod(mode_of_file)
        place.chmod(mode_of_folder)
        assert_says(told("--database", path), "chmod u.rwX", path)
        if mode_of_file is not None:
            assert path.stat().st_mode & 0o777 == mode_of_file


@fault("--database is locked by another program", "told after a wait, and started once it is not")
def test_a_locked_database(told, tmp_path, monkeypatch):
    disks.impatient(monkeypatch)
    path = tmp_path / "traces.sqlite"
    Store(path).close()
    with disks.held(path):
        assert_says(told("--database", path), "locked by another program", path)
    Store(path).close()


@fault("the disk of a new --database is full", "one sentence, and no half-made table")
def test_a_full_disk_at_the_start(told, tmp_path, monkeypatch):
    path = tmp_path / "traces.sqlite"
    with monkeypatch.context() as full:
        disks.fill(full, pages=5)
        assert_says(told("--database", path), "disk is full.*df -h", path)
    Store(path).close()


@fault("--database is of the version before files had a mark", "read, marked, and nothing lost")
def test_an_older_database(tmp_path):
    path = tmp_path / "traces.sqlite"
    filled(path)
    disks.of_older_version(path)
    with TestClient(create_app(path)) as client:
        found = client.get("/sessions", params={"name": "glossary", "include_stats": True}).json()
        assert found[0]["run_count"] == 50
        assert client.post("/runs/batch", json={"post": [run(99)]}).status_code == 202


@posix
@fault("--database and its log were readable by every user", "readable by theirs alone")
def test_a_database_open_to_all(tmp_path):
    path = tmp_path / "traces.sqlite"
    Store(path).close()
    path.chmod(0o666)
    store = Store(path)
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}
    assert len(list(tmp_path.iterdir())) == 3
    store.close()


@posix
@fault("umask lets every user read what is made", "a session's folder is 0700, its files 0600")
def test_a_generous_umask(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = os.umask(0)
    try:
        started = session.start("replay")
        key = {"x-api-key": started.keys.langsmith}
        httpx.post(f"{started.url}/sessions", json={"name": "glossary"}, headers=key)
        [place] = tmp_path.iterdir()
        assert place.stat().st_mode & 0o777 == 0o700
        files = {each.name: each.stat().st_mode & 0o777 for each in place.iterdir()}
    finally:
        os.umask(before)
        session.stop()
    assert "traces.sqlite-wal" in files and set(files.values()) == {0o600}
    assert list(tmp_path.iterdir()) == []


# At a request: the database


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A service whose disk is full after some 400 KiB."""
    disks.fill(monkeypatch, pages=100)
    with TestClient(create_app(tmp_path / "traces.sqlite")) as client:
        yield client


def stored(client: TestClient) -> int:
    answer = client.get("/sessions", params={"name": "glossary", "include_stats": True}).json()
    return int(answer[0]["run_count"]) if answer else 0


@fault("the disk fills within a batch", "507 in the route's words, and none of the batch is there")
def test_a_batch_that_fills_the_disk(small):
    assert small.post("/runs/batch", json={"post": [run(1)]}).status_code == 202
    batch = {"post": [run(n, 30_000) for n in range(2, 40)]}
    answer = small.post("/runs/batch", json=batch)
    assert answer.status_code == 507 and set(answer.json()) == {"error"}
    assert "disk is full" in answer.json()["error"] and "Nothing of this" in answer.text
    assert answer.headers["x-should-retry"] == "false"
    assert stored(small) == 1


@fault("the disk is full and a smaller batch comes", "what fits is stored")
def test_a_batch_that_fits(small):
    assert small.post("/runs/batch", json={"post": [run(1, 10**6)]}).status_code == 507
    assert small.post("/runs/batch", json={"post": [run(2)]}).status_code == 202
    assert stored(small) == 1


@fault("the disk is full and feedback comes", "507 as detail, and of that one nothing is stored")
def test_feedback_that_fills_the_disk(small):
    assert small.post("/runs/batch", json={"post": [run(1)]}).status_code == 202
    values = {"key": "note", "run_id": run(1)["id"], "comment": "x" * 10**5}
    answers = [small.post("/feedback", json=values) for _ in range(10)]
    stored = [answer for answer in answers if answer.status_code == 200]
    answer = answers[len(stored)]
    assert answer.status_code == 507 and "disk is full" in answer.json()["detail"]
    assert len(small.get("/feedback", params={"run": run(1)["id"]}).json()) == len(stored) < 10


@fault("the disk is full and a v2 query has to bring its index up to date", "507 as a problem")
def test_a_query_that_fills_the_disk(small, monkeypatch):
    assert small.post("/runs/batch", json={"post": [run(1)]}).status_code == 202
    [project] = small.get("/sessions", params={"name": "glossary"}).json()
    settling = sqlite3.OperationalError("database or disk is full")
    settling.sqlite_errorcode = sqlite3.SQLITE_FULL
    monkeypatch.setattr(Store, "settle", lambda self: (_ for _ in ()).throw(settling))
    asked_for = {"project_ids": [project["id"]], "selects": ["ID"]}
    answer = small.post("/api/v2/runs/query", json=asked_for)
    assert answer.status_code == 507 and answer.json()["title"] == "Insufficient Storage"
    assert "disk is full" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        case(
            *("POST", "/runs/batch", {"post": [run(2)]}),
            broken="another program holds the lock when a batch comes",
            holds="503 with Retry-After, nothing stored; the SDK's next try is",
        ),
        case(
            *("POST", "/api/v1/runs", run(2)),
            broken="another program holds the lock when one run comes",
            holds="503 with Retry-After, nothing stored; the next try is",
        ),
    ],
)
def test_a_lock_at_a_request(tmp_path, monkeypatch, method, path, body):
    disks.impatient(monkeypatch)
    database = tmp_path / "traces.sqlite"
    with TestClient(create_app(database)) as client:
        assert client.post("/runs/batch", json={"post": [run(1)]}).status_code == 202
        with disks.held(database):
            answer = client.request(method, path, json=body)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
            assert "locked by another program" in answer.json()["error"]
            assert stored(client) == 1
        assert client.request(method, path, json=body).status_code == 202
        assert stored(client) == 2


@fault("another program holds the lock for a second while the SDK sends", "the run arrives")
def test_the_sdk_meets_a_lock(tmp_path, monkeypatch):
    disks.impatient(monkeypatch)
    database = tmp_path / "traces.sqlite"
    app = create_app(database)
    with serving(app) as url, contextlib.ExitStack() as lock:
        client = Client(api_url=url, api_key="lsv2_pt_not_a_key")
        lock.enter_context(disks.held(database))
        placed = {"id": ID, "trace_id": ID, "dotted_order": f"20260101T000000000000Z{ID}"}
        client.create_run("late", {"a": 1}, "chain", project_name="glossary", **placed)
        until(lambda: 503 in [one.status for one in state_of(app).requests])
        lock.close()
        client.flush()
        assert httpx.get(f"{url}/runs/{ID}").status_code == 200
        client.cleanup()


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so; the SDK tries again after half a second, one, and two."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@fault("the file is deleted while it is served", "507 that says so, and no 202 for what is lost")
@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no open file")
def test_a_deleted_database(tmp_path):
    path = tmp_path / "traces.sqlite"
    with TestClient(create_app(path)) as client:
        path.unlink()
        answer = client.post("/runs/batch", json={"post": [run(1)]})
        assert answer.status_code == 507 and "was deleted or replaced" in answer.json()["error"]


@fault("pages are overwritten while it is served", "507 that names .recover, never a traceback")
def test_a_database_damaged_while_served(tmp_path):
    path = tmp_path / "traces.sqlite"
    filled(path)
    with TestClient(create_app(path)) as client, path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))
        file.flush()
        answer = client.post("/runs/batch", json={"post": [run(99)]})
        assert answer.status_code == 507 and ".recover" in answer.json()["error"]
        assert client.get("/info").status_code == 200


@pytest.mark.parametrize(
    ("path", "break_it", "status", "words"),
    [
        case(
            *("/", disks.held, 503, "locked by another program"),
            broken="another program holds the lock when a browser opens the projects",
            holds="a page with status 503 that says so, with Retry-After",
        ),
        case(
            *(PAGE, disks.held, 503, "locked by another program"),
            broken="another program holds the lock when a browser opens a project",
            holds="a page with status 503 that says so, with Retry-After",
        ),
        case(
            *("/", disks.overwritten, 507, ".recover"),
            broken="pages of the file are overwritten, and a browser opens the projects",
            holds="a page with status 507 that names .recover",
        ),
        case(
            *(PAGE, disks.overwritten, 507, ".recover"),
            broken="pages of the file are overwritten, and a browser opens a project",
            holds="a page with status 507 that names .recover",
        ),
    ],
)
def test_a_page_of_a_database_that_cannot_be_read(
    tmp_path, monkeypatch, path, break_it, status, words
):
    disks.impatient(monkeypatch)
    database = tmp_path / "traces.sqlite"
    filled(database)
    client = TestClient(create_app(database))  # without a writer: it sorts the runs at a look
    with break_it(database):
        answer = client.get(path, headers={"accept": "text/html"})
        assert (answer.status_code, answer.headers["content-type"][:9]) == (status, "text/html")
        assert words in answer.text and "<h1>The traces cannot be read" in answer.text
        assert ("retry-after" in answer.headers) == (status == 503)
        assert client.get(path).json()["detail"]


# Recordings


def shipped(path: Path) -> Path:
    """Copy one recording of the course to ``path``."""
    return Path(shutil.copy(sorted(RECORDINGS.glob("*.json"))[0], path))


def its_format(number: object) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        content = json.loads(shipped(path).read_text())
        path.write_text(json.dumps({"format": number, **content}))

    return make


def dangling(path: Path) -> None:
    path.symlink_to(path.with_name("gone"))


def huge(path: Path) -> None:
    shipped(path)
    os.truncate(path, 2**31)


def deep(path: Path) -> None:
    path.write_text("[" * 100_000)


def latin(path: Path) -> None:
    path.write_bytes("{'café': 1}".encode("latin-1"))


NAMED = "one sentence that names the file and the command that mends it"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        case(folder, "it is a folder", broken="a folder is named x.json", holds=NAMED),
        case(dangling, "a link to .*gone", broken="x.json is a dangling link", holds=NAMED),
        case(Path.touch, "not a recording", broken="x.json is empty", holds=NAMED),
        case(latin, "codec can't decode", broken="x.json is not UTF-8", holds=NAMED),
        case(huge, "33554432 are the most", broken="x.json has 2 GiB", holds=NAMED),
        case(deep, "not a recording", broken="x.json nests 100,000 deep", holds=NAMED),
        case(its_format(2), "format 2.*git pull", broken="x.json is of format 2", holds=NAMED),
        case(its_format("2"), "a number", broken="the format of x.json is no number", holds=NAMED),
        pytest.param(
            *(pipe, "no regular file"),
            marks=[posix, fault("x.json is a pipe", NAMED)],
            id="x-json-is-a-pipe",
        ),
    ],
)
def test_a_recording_that_is_none(told, tmp_path, make, says):
    make(tmp_path / "x.json")
    said = told("--recordings", tmp_path)
    assert_says(said, says, Path("x.json"))
    assert recording.COMMAND in said


@pytest.mark.parametrize(
    "make",
    [
        case(
            lambda path: path.write_bytes(b"\xef\xbb\xbf" + shipped(path).read_bytes()),
            broken="an editor put a byte-order mark before x.json",
            holds="it is read",
        ),
        case(shipped, broken="x.json is of before recordings had a format", holds="it is read"),
        case(its_format(1), broken="x.json says that it is of format 1", holds="it is read"),
    ],
)
def test_a_recording_that_is_one(tmp_path, make):
    make(tmp_path / "x.json")
    assert len(recording.load(tmp_path)) == 1


@fault("two files record the same request", "one sentence that names both")
def test_two_recordings_of_one_request(told, tmp_path):
    shipped(tmp_path / "x.json")
    shipped(tmp_path / "y.json")
    assert_says(told("--recordings", tmp_path), "Delete one", Path("x.json and y.json"))


def missing(path: Path) -> Path:
    return path / "none"


def a_file(path: Path) -> Path:
    return shipped(path / "x.json")


def emptied(path: Path) -> Path:
    return path


@pytest.mark.parametrize(
    ("make", "says"),
    [
        case(missing, "is not there", broken="no such folder", holds="told by serve and start()"),
        case(a_file, "is a file", broken="a file for a folder", holds="told by serve and start()"),
        case(emptied, "no recording", broken="an empty folder", holds="told by serve and start()"),
    ],
)
def test_a_wrong_folder_of_recordings(told, tmp_path, monkeypatch, make, says):
    place = make(tmp_path)
    assert_says(told("--recordings", place), f"{says}.*--recordings or TUTORIAL_RECORDINGS", place)
    monkeypatch.setenv("TUTORIAL_RECORDINGS", str(place))
    with pytest.raises(TutorialError, match=says):
        session.start("replay")
    assert session.current() is None


@posix
@fault("the folder of recordings cannot be read", "told, and not taken for an empty one")
def test_an_unreadable_folder_of_recordings(told):
    with disks.ordinary_user() as place:
        shipped(place / "x.json")
        place.chmod(0o300)
        assert_says(told("--recordings", place), "cannot be read", place)


@posix
@fault("the folder of recordings is read-only while recording", "507, not retried, with the mend")
def test_recording_into_a_read_only_folder():
    question = asked("What is HTTP?").request
    content = {"id": "c", "model": "m", "choices": []}
    with disks.ordinary_user() as place, provider(content) as url:
        place.chmod(0o500)
        one = replay.Provider(base_url=url, api_key="no-real-key", name="provider")
        app = replay.create_app(place, strict=True, provider=one)
        with TestClient(app) as client:
            answer = client.post("/v1/chat/completions", json=question)
        assert (answer.status_code, answer.headers["x-should-retry"]) == (507, "false")
        assert "chmod u+rwx" in answer.json()["error"]["message"]
        assert list(place.iterdir()) == []


@contextlib.contextmanager
def provider(content: object) -> Iterator[str]:
    """Serve a provider that gives one answer."""

    async def answer(_: object) -> JSONResponse:
        return JSONResponse(content)

    route = Route("/v1/chat/completions", answer, methods=["POST"])
    with serving(Starlette(routes=[route])) as url:
        yield f"{url}/v1"
