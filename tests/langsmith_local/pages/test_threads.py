from __future__ import annotations

import httpx
import pytest

from helpers.langsmith_local.pages import threads
from helpers.langsmith_local.pages.lists import Missing
from helpers.langsmith_local.pages.threads import of_thread, of_threads
from helpers.langsmith_local.store import Store
from tests.langsmith_local.pages.browsing import text_of
from tests.langsmith_local.stored import PROJECT, add_project, add_run

PAGE = f"/o/{Store.tenant_id}/projects/p/{PROJECT}"


@pytest.fixture(autouse=True)
def runs(store: Store) -> None:
    connection = store.connection()
    add_project(connection)
    for number in range(3):
        words = {"inputs": {"q": f"question {number}"}, "outputs": {"a": f"answer {number}"}}
        add_run(connection, f"turn {number}", second=number, thread_id="a/b", **words)
    add_run(connection, "beneath", parent="turn 0", second=9, thread_id="a/b")
    add_run(connection, "failed", second=20, thread_id="other", error="ValueError: <no>")


def test_threads_are_listed_the_latest_first(service: str) -> None:
    page = text_of(httpx.get(f"{service}{PAGE}/threads").text)
    assert 'a/b 3 q: "question 0" a: "answer 2"' in page
    assert page.index("other 1 1") < page.index("a/b 3")


def test_a_thread_shows_its_turns_from_the_first(service: str) -> None:
    page = text_of(httpx.get(f"{service}{PAGE}/t/a%2Fb").text)
    assert "Thread a/b 3 turns" in page and "beneath" not in page
    said = [f"{kind} {n}" for n in range(3) for kind in ("question", "answer")]
    places = [page.index(each) for each in said]
    assert places == sorted(places)


def test_a_turn_that_failed_shows_why(service: str) -> None:
    page = text_of(httpx.get(f"{service}{PAGE}/t/other").text)
    assert "1 turn, 1 failed" in page and "Output ValueError: <no>" in page


def test_a_long_thread_comes_on_pages_with_the_turns_counted_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "TURNS", 2)
    given = {"project_id": PROJECT, "thread_id": "a/b"}
    first = of_thread(store, given)
    second = of_thread(store, {**given, "cursor": first["next"]})
    numbers = [[turn.number for turn in page["turns"]] for page in (first, second)]
    assert numbers == [[1, 2], [3]] and second["next"] is None


@pytest.mark.parametrize("thread", ["none", "a/b\0", "\0", "a"])
def test_a_thread_without_a_turn_is_missing(store: Store, service: str, thread: str) -> None:
    with pytest.raises(Missing, match="thread"):
        of_thread(store, {"project_id": PROJECT, "thread_id": thread})


def test_a_project_without_threads_says_what_makes_one(service: str, store: Store) -> None:
    store.connection().execute("UPDATE runs SET thread_id = NULL")
    assert of_threads(store, {"project_id": PROJECT})["threads"] == []
    assert "There are no threads." in text_of(httpx.get(f"{service}{PAGE}/threads").text)
