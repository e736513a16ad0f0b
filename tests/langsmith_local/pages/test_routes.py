from __future__ import annotations

from html.parser import HTMLParser

import httpx
import pytest

from helpers.langsmith_local.reading import pages
from helpers.langsmith_local.store import Store
from tests.langsmith_local.stored import PROJECT, add_project, add_run, run_id

NASTY = "</pre></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
PROJECT_PAGE = f"/o/{Store.tenant_id}/projects/p/{PROJECT}"


class Tags(HTMLParser):
    """Collects the tags of a page, and those that were never closed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen += [tag, *(name for name, _ in attrs)]
        self.open += [tag] if tag != "meta" else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(page: str) -> Tags:
    parser = Tags()
    parser.feed(page)
    return parser


@pytest.fixture(autouse=True)
def runs(store: Store) -> None:
    """A trace of three levels, and a run whose every text is hostile."""
    connection = store.connection()
    add_project(connection)
    add_run(connection, "root")
    add_run(connection, "child", parent="root", second=1, total_tokens=12, error="ValueError")
    add_run(connection, "grandchild", parent="child", second=2)
    add_run(connection, "sibling", parent="root", second=3)
    texts = {"inputs": {"q": NASTY}, "error": NASTY, "tags": [NASTY], "metadata": {NASTY: NASTY}}
    add_run(connection, NASTY, second=9, **texts)
    connection.execute("UPDATE projects SET name = ? WHERE name <> 'default'", (NASTY,))


PAGES = [
    *("/", PROJECT_PAGE),
    *(f"{PROJECT_PAGE}/r/{run_id(name)}" for name in ("child", NASTY)),
]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_that_was_traced_becomes_markup(service: str, path: str) -> None:
    found = tags(httpx.get(service + path).text)
    assert found.open == []
    assert not {"script", "img", "src", "onerror", "link", "iframe"} & set(found.seen)


@pytest.mark.parametrize("path", [*PAGES, f"{PROJECT_PAGE}/r/none"])
def test_a_page_may_load_and_run_nothing(service: str, path: str) -> None:
    policy = httpx.get(service + path).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_the_page_of_a_run_shows_its_whole_trace_nested(service: str) -> None:
    page = httpx.get(f"{service}{PROJECT_PAGE}/r/{run_id('child')}").text
    places = [page.index(f"<b>{name}</b>") for name in ("root", "child", "grandchild", "sibling")]
    assert places == sorted(places)
    assert "12 tokens" in page
    assert page.index("<details") < places[0]


def test_what_a_page_leaves_out_is_told(
    service: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{service}{PROJECT_PAGE}/r/{run_id('child')}"
    assert "<p>See it" not in httpx.get(address).text and "not drawn" not in httpx.get(address).text
    large = '{"q": "' + "x" * 5_000 + '"}'
    store.connection().execute("UPDATE runs SET inputs = ? WHERE name = 'child'", (large,))
    monkeypatch.setattr(pages, "DRAWN_BYTES", 4_000)
    page = httpx.get(address).text
    assert "1 runs are drawn without what they hold" in page and "xxxx" not in page
    assert "<b>child</b>" in page and "<b>grandchild</b>" in page
    monkeypatch.setattr(pages, "DRAWN", 2)
    page = httpx.get(address).text
    assert "2 more runs of this trace are not drawn" in page and "list_runs(trace_id=" in page
    assert "<b>child</b>" in page and "<b>grandchild</b>" not in page


def test_projects_lead_to_traces_and_traces_to_runs(service: str) -> None:
    assert PROJECT_PAGE in httpx.get(service).text
    page = httpx.get(service + PROJECT_PAGE).text
    assert f"/r/{run_id('root')}?" in page
    assert f"/r/{run_id('child')}?" not in page


@pytest.mark.parametrize("path", [f"{PROJECT_PAGE}0", f"{PROJECT_PAGE}/r/{run_id('none')}"])
def test_a_page_that_is_not_there_is_404(service: str, path: str) -> None:
    assert httpx.get(service + path).status_code == 404


def test_what_an_older_version_stored_breaks_no_page(service: str, store: Store) -> None:
    """A time that no calendar holds, and a number of 5,000 digits."""
    add_run(store.connection(), "old", start_time=-(10**17))
    inputs = '{"n": 0.' + "9" * 5_000 + "}"
    store.connection().execute("UPDATE runs SET inputs = ? WHERE name = 'old'", (inputs,))
    for path in (PROJECT_PAGE, f"{PROJECT_PAGE}/r/{run_id('old')}"):
        answer = httpx.get(service + path)
        assert answer.status_code == 200 and "old" in answer.text
