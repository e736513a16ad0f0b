"""The pages as a browser gets them: no markup of others, no script, and always a page."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

import httpx
import pytest

from helpers.langsmith_local.store import Store
from tests.langsmith_local.pages.browsing import VOID, tags
from tests.langsmith_local.stored import PROJECT, add_feedback, add_project, add_run, run_id

NASTY = "</pre></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"
NASTY += "\x1b[31m\u202e\u2066\u200f\x00\ufeff\r\n\t"
PAGE = f"/o/{Store.tenant_id}/projects/p/{PROJECT}"
ALLOWED = {
    *("html", "head", "meta", "title", "link", "body", "a", "header", "nav", "ol", "ul", "li"),
    *("main", "h1", "h2", "h3", "p", "pre", "bdi", "b", "code", "span", "time", "br", "mark"),
    *("table", "thead", "tbody", "tr", "th", "td", "form", "label", "input", "select", "option"),
    *("button", "details", "summary", "section", "article", "div", "dl", "dt", "dd", "svg"),
    *("rect", "text"),
}
ATTRIBUTES = {
    *("lang", "charset", "name", "content", "rel", "href", "class", "id", "aria-label", "action"),
    *("aria-current", "aria-labelledby", "aria-hidden", "aria-invalid", "aria-describedby"),
    *("method", "role", "for", "value", "placeholder", "spellcheck", "autocapitalize", "type"),
    *("autocomplete", "selected", "scope", "data-label", "datetime", "dir", "open", "x", "y"),
    *("width", "height", "preserveaspectratio", "colspan"),
}


@pytest.fixture(autouse=True)
def runs(store: Store) -> None:
    """A trace of two levels, and one of which each text is hostile."""
    connection = store.connection()
    add_project(connection)
    add_run(connection, "root")
    add_run(connection, "child", parent="root", second=1, total_tokens=12, error="ValueError")
    chat = {"messages": [{"role": NASTY, "content": NASTY}], NASTY: {NASTY: [NASTY]}}
    texts = {"error": NASTY, "tags": [NASTY], "metadata": {NASTY: NASTY}, "outputs": {NASTY: NASTY}}
    nasty = NASTY.replace("\x00", "")  # which no name may hold
    add_run(connection, nasty, id=run_id("nasty"), second=9, inputs=chat, thread_id=nasty, **texts)
    connection.execute("UPDATE projects SET name = ? WHERE name <> 'default'", (nasty,))
    add_feedback(connection, "nasty", nasty, 0.5, comment=NASTY, value='"</b>"', source="{}")
    connection.execute(
        "INSERT INTO attachments VALUES (?, ?, ?, x'00')", (run_id("nasty"), nasty, nasty)
    )


@pytest.fixture
def browser(service: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service) as client:
        yield client


PAGES = [
    *("/", PAGE, f"{PAGE}?of=runs&filter=%3Cb%3E", f"{PAGE}?search=%3Cscript%3E%00%22"),
    *(f"{PAGE}/r/{run_id(name)}" for name in ("child", "nasty", "none")),
    *(f"{PAGE}/threads", f"{PAGE}/t/none", f"{PAGE}/t/%00", f"{PAGE}/t/%3Cb%3E"),
    f"{PAGE}/compare?run={run_id('child')}&run={run_id('nasty')}",
    *(f"{PAGE}/compare?run=%3Cb%3E", f"{PAGE}/compare?run=%00&run=%00"),
    *(f"{PAGE}?cursor=%3Cscript%3E", f"{PAGE}/threads?cursor=x", "/?page=%3Cb%3E"),
]


def test_nothing_that_was_traced_or_asked_becomes_markup(browser: httpx.Client) -> None:
    for path in PAGES:
        page = browser.get(path).text
        found = tags(page)
        assert found.open == [], path
        assert set(found.seen) <= ALLOWED | ATTRIBUTES | VOID, path
        assert not any(link.startswith(("javascript:", "http", "//")) for link in found.links)
        assert not {*"\x00\x1b\u202e\u2066\u200f\ufeff"} & set(page), path


def test_a_page_runs_nothing_and_loads_its_stylesheet_alone(browser: httpx.Client) -> None:
    for path in PAGES:
        answer = browser.get(path)
        policy = answer.headers["Content-Security-Policy"].split("; ")
        assert dict(part.split(" ", 1) for part in policy) == {
            "default-src": "'none'",
            "style-src": "'self'",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        }
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        style = urljoin(path, tags(answer.text).links[0])
        assert browser.get(style).headers["Content-Type"].startswith("text/css")


def test_each_link_of_each_page_opens_a_page(browser: httpx.Client) -> None:
    pages = {path: browser.get(path) for path in PAGES}
    found = {
        urljoin(path, link).partition("#")[0]
        for path, page in pages.items()
        for link in tags(page.text).links
        if page.status_code == 200 and not link.startswith("#")
    }
    # A form that compares wants two runs, and an attachment is no page.
    found = {each for each in found if "/attachments/" not in each and "/compare" not in each}
    wrong = {each: n for each in found if (n := browser.get(each).status_code) != 200}
    assert len(found) > 15 and wrong == {}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *((f"{PAGE}0", 404), (f"{PAGE}/r/{run_id('none')}", 404), (f"{PAGE}/t/none", 404)),
        *((f"{PAGE}/t/a%00", 404), (f"{PAGE}0/threads", 404), (f"{PAGE}/r/{'9' * 5000}", 404)),
        *((f"{PAGE}?cursor=x", 400), (f"{PAGE}?filter=x", 400), ("/?page=0", 422)),
        *((f"{PAGE}/compare", 400), (f"{PAGE}/r/x/raw", 422), (f"{PAGE}/r/{run_id('n')}/raw", 404)),
    ],
)
def test_what_is_not_there_or_cannot_be_read_is_said_to_be_so(
    browser: httpx.Client, path: str, status: int
) -> None:
    assert browser.get(path).status_code == status


def test_a_run_is_given_whole_as_json(browser: httpx.Client) -> None:
    ident = run_id("nasty")
    raw = browser.get(f"{PAGE}/r/{ident}/raw")
    assert raw.headers["Content-Type"] == "application/json"
    assert raw.headers["X-Content-Type-Options"] == "nosniff"
    assert raw.json() == browser.get(f"/runs/{ident}").json()
    assert raw.json()["outputs"] == {NASTY: NASTY}


def test_what_an_older_version_stored_breaks_no_page(browser: httpx.Client, store: Store) -> None:
    """A time that no calendar holds, and a number of 5,000 digits."""
    add_run(store.connection(), "old", start_time=-(10**17))
    inputs = '{"n": 0.' + "9" * 5_000 + "}"
    store.connection().execute("UPDATE runs SET inputs = ? WHERE name = 'old'", (inputs,))
    for path in (PAGE, f"{PAGE}/r/{run_id('old')}"):
        answer = browser.get(path)
        assert answer.status_code == 200 and "old" in answer.text
