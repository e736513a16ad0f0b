"""The doors of the local LangSmith: its API by a key, its pages by a link, attachments signed."""

from __future__ import annotations

import json

import httpx
import pytest
import requests
from langsmith import Client
from langsmith.utils import LangSmithAuthError, LangSmithError

from helpers.langsmith_local import create_app, state_of
from helpers.langsmith_local.door import TracesDoor
from helpers.serving.guard import Guard
from helpers.serving.hub import PREFIX
from helpers.serving.server import serving
from tests.langsmith_local.pages.browsing import tags
from tests.serving import prefixed

KEY = "no-real-key-of-these-tests"
BROWSER = {"accept": "text/html"}


@pytest.fixture
def door():
    return TracesDoor(KEY)


@pytest.fixture
def guarded(tmp_path, door):
    app = create_app(tmp_path / "langsmith.db", door=door)
    with serving(Guard(app, door)) as url:
        yield url
    state_of(app).store.close()


def client(url: str, key: str) -> Client:
    return Client(api_url=url, api_key=key, auto_batch_tracing=False)


def test_the_key_opens_the_api(guarded):
    assert client(guarded, KEY).create_project("glossary").name == "glossary"


def test_a_wrong_key_is_refused_as_langsmith_is_reported_to(guarded):
    with pytest.raises(LangSmithAuthError, match=r'\{"detail":"Invalid token"\}'):
        next(client(guarded, "lsv2_pt_wrong").list_projects())


def test_runs_are_refused_in_other_words(guarded, make_run):
    with pytest.raises(LangSmithError, match=r'403 .*\{"error":"Forbidden"\}'):
        client(guarded, "lsv2_pt_wrong").create_run(**make_run(project_name="glossary"))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *[("GET", path, 401) for path in ("/info", "/ok", "/settings", "/sessions", "/nowhere")],
        *[("POST", path, 401) for path in ("/runs/query", "/api/v1/runs/stats", "/sessions")],
        *[("POST", path, 403) for path in ("/runs", "/runs/batch", "/api/v1/runs/multipart")],
        ("PATCH", "/runs/x", 403),
        ("DELETE", "/sessions/x", 401),
        ("POST", "/api/v2/runs/query", 401),
        ("GET", "/attachments/x/y", 401),
        ("GET", "/", 401),
        ("GET", "/o/x/projects/p/y", 401),
    ],
)
def test_without_a_key_nothing_is_said(guarded, method, path, status):
    answer = httpx.request(method, guarded + path, headers={"host": "evil.example"})
    assert answer.status_code == status
    assert "server" not in answer.headers and len(answer.content) < 200


def test_v2_refuses_in_its_own_form(guarded):
    answer = httpx.post(guarded + "/api/v2/runs/query", json={})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "Invalid token"


def test_a_page_opens_by_its_link_and_then_by_its_cookie(guarded, door):
    with httpx.Client(headers=BROWSER) as browser:
        assert browser.get(guarded + "/").status_code == 401
        first = browser.get(door.link(guarded + "/?a=b"))
        assert (first.status_code, first.headers["location"]) == (303, "./?a=b")
        assert "httponly" in first.headers["set-cookie"].lower()
        assert KEY not in first.headers["set-cookie"]
        assert browser.get(guarded + "/").status_code == 200


def test_the_cookie_opens_pages_alone(guarded, door):
    with httpx.Client(headers=BROWSER) as browser:
        browser.get(door.link(guarded + "/"))
        assert browser.get(guarded + "/sessions").status_code == 401
        assert browser.post(guarded + "/").status_code == 401


def test_a_token_of_another_session_opens_nothing(guarded):
    answer = httpx.get(TracesDoor("another").link(guarded + "/"))
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)


def test_the_link_of_a_page_leads_to_the_page_as_it_was_asked_for(guarded, door):
    answer = httpx.get(door.link(f"{guarded}/o/x/projects/p/y/t/a%2Fb%3A?cursor=1"))
    assert answer.headers["location"] == "./a%2Fb%3A?cursor=1"


def test_a_foreign_host_is_not_let_in_by_the_cookie(guarded, door):
    with httpx.Client(headers=BROWSER) as browser:
        browser.get(door.link(guarded + "/"))
        answer = browser.get(guarded + "/", headers={"host": "<b>evil</b>.example"})
    assert (answer.status_code, "<b>" in answer.text) == (403, False)


@pytest.mark.parametrize("name", ["notes.txt", "a/b.png", "\u2603 1%2F2?#.txt"])
def test_an_attachment_is_fetched_by_its_signed_address_alone(guarded, make_run, name):
    run, api = make_run(), client(guarded, KEY)
    parts = {
        f"post.{run['id']}": ("", json.dumps(run), "application/json"),
        f"attachment.{run['id']}.{name}": ("", b"kept", "text/plain"),
    }
    body = b""
    for part, (_, content, kind) in parts.items():
        content = content.encode() if isinstance(content, str) else content
        head = f'Content-Disposition: form-data; name="{part}"\r\nContent-Type: {kind}; '
        body += f"--B\r\n{head}length={len(content)}\r\n\r\n".encode() + content + b"\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=B", "x-api-key": KEY}
    sent = requests.post(f"{guarded}/runs/multipart", body + b"--B--", headers=headers, timeout=30)
    assert sent.status_code == 202
    shown = requests.get(f"{guarded}/runs/{run['id']}", headers=headers, timeout=30).json()
    path = shown["s3_urls"][f"attachment.{name}"]["presigned_url"]
    assert requests.get(guarded + path, timeout=30).content == b"kept"
    assert requests.get(guarded + path.partition("?")[0], timeout=30).status_code == 401
    api.close(timeout=0)


class Hub:
    """A browser at a hub, through whose proxy the service is seen."""

    def __init__(self, url: str, port: int) -> None:
        self.place = f"/user/ada/proxy/{port}"
        self.browser = httpx.Client(base_url=url, headers=BROWSER)


@pytest.fixture
def behind(guarded, monkeypatch):
    monkeypatch.setenv(PREFIX, "/user/ada/")
    with prefixed.hub("/user/ada/") as url:
        made = Hub(url, httpx.URL(guarded).port)
        with made.browser:
            yield made


def test_behind_a_hub_every_page_opens_by_the_link_and_the_links_of_pages(behind, door, guarded):
    client(guarded, KEY).create_project("glossary")
    assert behind.browser.get(f"{behind.place}/").status_code == 401
    first = behind.browser.get(door.link(f"{behind.place}/?a=b"))
    assert (first.status_code, first.headers["location"]) == (303, "./?a=b")
    assert f"; Path={behind.place}/;" in first.headers["set-cookie"]
    top = behind.browser.get(f"{behind.place}/?a=b")
    found = [link for link in tags(top.text).links if "/projects/p/" in link]
    assert top.status_code == 200 and found
    project = behind.browser.get(str(top.url.join(found[0])))
    assert project.status_code == 200 and project.url.path.startswith(behind.place)
    style = behind.browser.get(str(project.url.join("../../../../o/style.css")))
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")


def test_behind_a_hub_the_api_is_closed_also_to_its_key(behind, door):
    behind.browser.get(door.link(f"{behind.place}/"))
    key = {"x-api-key": KEY}
    assert behind.browser.get(f"{behind.place}/sessions").status_code == 401
    assert behind.browser.get(f"{behind.place}/sessions", headers=key).status_code == 403
    assert behind.browser.post(f"{behind.place}/", headers=key).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-forwarded-context": "/user/ada/proxy/1"},
        {"x-forwarded-context": "/user/bob/proxy/{port}"},
        {"x-forwarded-prefix": "/user/ada/proxy/{port}", "x-forwarded-for": "127.0.0.1"},
    ],
)
def test_on_a_hub_a_foreign_host_that_came_otherwise_is_refused(behind, door, guarded, headers):
    port = httpx.URL(guarded).port
    given = {name: value.format(port=port) for name, value in headers.items()}
    with httpx.Client(headers=BROWSER) as browser:
        browser.get(door.link(f"{guarded}/"))
        answer = browser.get(f"{guarded}/", headers={"host": "evil.example", **given})
    assert answer.status_code == 403


def test_rebinding_that_knows_the_way_of_a_hub_has_no_cookie_and_gets_in_nowhere(behind, guarded):
    headers = {"host": "evil.example", "x-forwarded-context": behind.place}
    assert httpx.get(f"{guarded}/", headers=headers).status_code == 401
    assert httpx.get(f"{guarded}/sessions", headers=headers).status_code == 401


def test_without_a_hub_nobody_is_let_in_by_another_name(guarded, door):
    port = httpx.URL(guarded).port
    headers = {"host": "evil.example", "x-forwarded-context": f"/user/ada/proxy/{port}"}
    with httpx.Client(headers=BROWSER) as browser:
        browser.get(door.link(f"{guarded}/"))
        assert browser.get(f"{guarded}/", headers=headers).status_code == 403
