"""Texts that are meant for a browser, in each field of a run: a page has the tags that it had."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.testclient import TestClient

from helpers.testing.faults import case, fault
from tests.faults.readers import opened, run
from tests.faults.sending import multipart, post

MARKUP = "</pre></title></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'<!--&"
MOVING = "\x1b[31mred\x1b[0m \u202eleft\u202c \u2067\u200f\u2028\ufeff\x07\x9b"
HOSTILE = MARKUP + MOVING
NUL = "\0"  # which names and threads may not have
FIELDS: dict[str, Callable[[str], dict[str, Any]]] = {
    "the name of a run": lambda text: {"name": text},
    "the name of a project": lambda text: {"session_name": f"p {text}"},
    "an input": lambda text: {"inputs": {"q": text + NUL}},
    "the key of an input": lambda text: {"inputs": {text + NUL: 1}},
    "a message": lambda text: {"inputs": {"messages": [{"role": "user", "content": text + NUL}]}},
    "the role of a message": lambda text: {
        "inputs": {"messages": [{"role": text, "content": "q"}]}
    },
    "a tool call": lambda text: {
        "outputs": {
            "role": "assistant",
            "tool_calls": [{"function": {"name": text, "arguments": text + NUL}}],
        }
    },
    "an output, deep in lists": lambda text: {"outputs": {"a": [[[[text + NUL]]]]}},
    "an error": lambda text: {
        "error": f"{text}{NUL}\n\nTraceback (most recent call last):\n {text}"
    },
    "a tag": lambda text: {"tags": [text]},
    "metadata": lambda text: {"extra": {"metadata": {text: text + NUL}}},
    "the id of a thread": lambda text: {"extra": {"metadata": {"thread_id": text}}},
}


class Shape(HTMLParser):
    """The tags of a page with the names of their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, [name for name, _ in attrs]))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(f"/{tag}")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with opened(tmp_path_factory.mktemp("pages")) as client:
        yield client


def stored(client: TestClient, **fields: Any) -> dict[str, Any]:
    """Send a run to a project of its own, and return it as the API gives it back."""
    sent = run(session_name=f"p {uuid.uuid4()}") | fields
    method, path, options = post("/runs/batch", {"post": [sent]})
    assert client.request(method, path, **options).status_code == 202
    found: dict[str, Any] = client.get(f"/runs/{sent['id']}").json()
    return found


def pages(client: TestClient, of: dict[str, Any]) -> dict[str, str]:
    """Return each page on which a run is to be seen."""
    project = of["app_path"].partition("/r/")[0]
    compare = f"{project}/compare?run={of['id']}&run={of['id']}"
    paths = {"traces": project, "threads": f"{project}/threads", "run": of["app_path"]}
    answers = {name: client.get(path) for name, path in {**paths, "compare": compare}.items()}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {name: answer.text for name, answer in answers.items()}


def assert_same_shape(hostile: dict[str, str], harmless: dict[str, str]) -> None:
    for name, page in hostile.items():
        assert Shape(page).seen == Shape(harmless[name]).seen, name
        assert not {*MOVING, NUL} & {*page} - {*"red left[0123m "}, name


@pytest.mark.parametrize(
    "made",
    [
        case(made, broken=f"{field} holds markup and moving marks", holds="pages keep their tags")
        for field, made in FIELDS.items()
    ],
)
def test_a_hostile_text_is_a_text(client: TestClient, made: Callable[[str], dict[str, Any]]):
    hostile, harmless = stored(client, **made(HOSTILE)), stored(client, **made("harmless"))
    assert_same_shape(pages(client, hostile), pages(client, harmless))


@fault("feedback holds markup and moving marks, in each field", "pages keep their tags")
def test_hostile_feedback_is_a_text(client: TestClient):
    found = []
    for text in (HOSTILE, "harmless"):
        one = stored(client)
        about = {"run_id": one["id"], "trace_id": one["id"], "score": 1, "key": text}
        given = {**about, "value": text, "comment": text, "correction": {text: text}}
        method, path, options = post("/feedback", given)
        assert client.request(method, path, **options).status_code == 200
        found.append(pages(client, one))
    assert_same_shape(*found)


@fault("the name of an attachment holds markup", "pages keep their tags")
def test_a_hostile_attachment_is_a_text(client: TestClient):
    found = []
    for text in ("</a><script>alert(1)</script>\u202e.png", "harmless.png"):
        one = stored(client)
        method, path, options = multipart(f"attachment.{one['id']}.{text}", "abc", "image/png")
        assert client.request(method, path, **options).status_code == 202
        found.append(pages(client, one))
    assert_same_shape(*found)


@fault("inputs and outputs of 10 MB each", "pages are small, and the raw JSON has all of it")
def test_ten_megabytes(client: TestClient):
    text = "<" * 10_000_000
    one = run(session_name="large", inputs={"q": text}, outputs={"a": text})
    parts = {key: one.pop(key) for key in ("inputs", "outputs")}
    for name, content in (("", one), *((f".{key}", part) for key, part in parts.items())):
        sent = multipart(f"post.{one['id']}{name}", json.dumps(content))
        if not name:
            body = sent[2]["content"].removesuffix(b"--b--\r\n")
        else:
            body += sent[2]["content"].removesuffix(b"--b--\r\n")
    method, path, options = sent
    answer = client.request(method, path, **{**options, "content": body + b"--b--\r\n"})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = client.get(f"/runs/{one['id']}").json()
    assert max(map(len, pages(client, found).values())) < 300_000
    raw = client.get(found["app_path"].replace("?", "/raw?")).json()
    assert (raw["inputs"], raw["outputs"]) == (parts["inputs"], parts["outputs"])


ASKED = {
    "a filter with markup": "?filter=%3Cscript%3Ealert(1)%3C/script%3E",
    "a filter with NUL": "?filter=eq(name,%22%00%22)",
    "a filter of 5,000 calls": "?filter=" + "not(" * 5_000,
    "a filter of 60,000 characters": "?search=" + "x" * 60_000,
    "a search with half of a surrogate pair": "?search=%ED%A0%80",
    "a search with quotes and a backslash": "?search=%22)%5C",
    "a cursor that is none": "?cursor=%3Cb%3E",
    "a cursor beyond all times": "?cursor=" + "WzkyMjMzNzIwMzY4NTQ3NzU4MDgsICJ4Il0=",
    "a list of another kind": "?of=%00",
    "a run to compare that is none": "/compare?run=%00&run=%3Cb%3E",
    "a thread whose id has NUL": "/t/a%00b",
    "a run whose id is markup": "/r/%3Cb%3E",
}


@pytest.mark.parametrize(
    "asked",
    [
        case(asked, broken=f"a page is asked for with {what}", holds="a page says so, never a 500")
        for what, asked in ASKED.items()
    ],
)
def test_what_is_asked_of_a_page(client: TestClient, asked: str):
    project = stored(client)["app_path"].partition("/r/")[0]
    answer = client.get(project + asked)
    assert answer.status_code in (200, 400, 404, 422)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert not {"script", "b", "img"} & {each[0] for each in Shape(answer.text).seen}
