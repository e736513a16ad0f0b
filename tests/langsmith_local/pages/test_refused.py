"""A refusal is a page for who asked for one, and JSON for everybody else."""

from __future__ import annotations

import httpx
import pytest

from helpers.langsmith_local.store import Store
from tests.langsmith_local.pages.browsing import tags, text_of

BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
PROJECT = f"/o/{Store.tenant_id}/projects"
REFUSED = [
    ("GET", "/o/nobody", 501, "There is no such page"),
    ("GET", f"{PROJECT}/p/x/r/<b>/raw", 422, "This cannot be read"),
    ("DELETE", "/", 405, "Pages are for looking"),
]


@pytest.mark.parametrize(("method", "path", "status", "title"), REFUSED)
def test_a_browser_is_told_by_a_page(service: str, method: str, path: str, status: int, title: str):
    answer = httpx.request(method, service + path, headers=BROWSER)
    assert answer.status_code == status and title in text_of(answer.text)
    assert answer.headers["content-type"].startswith("text/html") and tags(answer.text).open == []
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "/runs/query" not in answer.text
    top = answer.url.join(tags(answer.text).links[-1])
    assert str(top) == f"{service}/"


@pytest.mark.parametrize(("method", "path", "status", "title"), REFUSED)
def test_a_program_is_told_by_json(service: str, method: str, path: str, status: int, title: str):
    answer = httpx.request(method, service + path)
    assert answer.status_code == status and answer.json()["detail"]


def test_who_asks_the_api_for_html_gets_what_the_api_answers(service: str):
    answer = httpx.get(f"{service}/runs/none", headers=BROWSER)
    assert answer.headers["content-type"] == "application/json"
