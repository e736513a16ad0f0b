"""Who is not the learner: another user, a page on another site, another learner's session."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from helpers import services, session
from helpers.keys import Keys
from helpers.serving.server import serving
from helpers.testing.faults import case, fault

MINE, OTHERS = Keys(), Keys()
NOTHING = "401 or 403 in the provider's words, and no word of what is there"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("access")
    recordings = folder / "recordings"
    recordings.mkdir()
    app = services.create_app(
        folder / "traces.sqlite", recordings=recordings, strict=True, keys=MINE
    )
    with serving(services.guarded(app)) as address:
        key = {"x-api-key": MINE.langsmith}
        assert httpx.post(f"{address}/sessions", json={"name": "mine"}, headers=key).is_success
        yield address


ROUTES = [
    ("GET", "/sessions"),
    ("DELETE", "/sessions/00000000-0000-0000-0000-000000000000"),
    ("POST", "/runs/query"),
    ("POST", "/runs/batch"),
    ("POST", "/api/v1/runs/multipart"),
    ("PATCH", "/runs/00000000-0000-0000-0000-000000000000"),
    ("POST", "/api/v2/runs/query"),
    ("POST", "/feedback"),
    ("GET", "/info"),
    ("GET", "/"),
    ("GET", "/attachments/00000000-0000-0000-0000-000000000000/a"),
    ("GET", "/nowhere"),
    ("POST", "/v1/chat/completions"),
    ("GET", "/v1/models"),
]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        case(*each, broken=f"another user asks {each[0]} {each[1]}", holds=NOTHING)
        for each in ROUTES
    ],
)
@pytest.mark.parametrize("headers", [{}], ids=["without"])
def test_another_user_of_the_machine(url, method, path, headers):
    for given in (headers, keyed(OTHERS), swapped()):
        got = httpx.request(method, url + path, headers=given)
        assert got.status_code in (401, 403), (given, got.text[:200])
        assert "mine" not in got.text and "server" not in got.headers


def keyed(keys: Keys) -> dict[str, str]:
    return {"x-api-key": keys.langsmith, "authorization": f"Bearer {keys.model}"}


def swapped() -> dict[str, str]:
    """Return my keys, each given to the service that it does not open."""
    return {"x-api-key": MINE.model, "authorization": f"Bearer {MINE.langsmith}"}


PAGES = [
    case({"origin": "https://evil.example"}, broken="a page on another site", holds="403"),
    case({"origin": "http://localhost:8888"}, broken="a page on another port", holds="403"),
    case({"sec-fetch-site": "cross-site"}, broken="an image on another site", holds="403"),
    case({"host": "evil.example"}, broken="a foreign name that leads here", holds="403"),
]


@pytest.mark.parametrize("headers", PAGES)
def test_a_page_that_has_got_the_key(url, headers):
    for path in ("/sessions", "/v1/models"):
        assert httpx.get(url + path, headers=keyed(MINE) | headers).status_code == 403


@fault("another learner's link to pages", "401, and no cookie")
def test_a_foreign_link(url):
    from helpers.langsmith_local.door import TracesDoor

    got = httpx.get(TracesDoor(OTHERS.langsmith).link(f"{url}/"))
    assert (got.status_code, "set-cookie" in got.headers) == (401, False)


@fault("another user looks into the session's folder", "0700, and its files 0600")
@pytest.mark.skipif(os.name == "nt", reason="modes are those of Unix")
def test_the_files_of_a_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    started = session.start("replay")
    (folder,) = tmp_path.iterdir()
    modes = {stat.S_IMODE(each.stat().st_mode) for each in folder.rglob("*")}
    kept = [each.read_bytes() for each in folder.rglob("*") if each.is_file()]
    keys = (started.keys.model.encode(), started.keys.langsmith.encode())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and modes <= {0o600, 0o700}
    assert not any(key in content for content in kept for key in keys)
    session.stop()
