from __future__ import annotations

import httpx
import pytest

from helpers.langsmith_local.pages import lists
from helpers.langsmith_local.pages.lists import Missing, of_project, of_projects, project_of
from helpers.langsmith_local.store import Store
from tests.langsmith_local.pages.browsing import tags, text_of
from tests.langsmith_local.stored import PROJECT, add_project, add_run, run_id

PAGE = f"/o/{Store.tenant_id}/projects/p/{PROJECT}"


@pytest.fixture(autouse=True)
def runs(store: Store) -> None:
    connection = store.connection()
    add_project(connection)
    usage = {"total_tokens": 1200, "total_cost": 0.000012}
    add_run(connection, "first", second=1, inputs={"term": "HTTP"}, outputs={"a": "B"}, **usage)
    add_run(connection, "beneath", parent="first", second=2, **usage)
    add_run(connection, "second", second=3, latency=2.5, error="ValueError: no such term")
    add_run(connection, "third", second=4)
    connection.execute(
        "UPDATE runs SET status = 'pending', end_time = NULL, latency = NULL WHERE name = 'third'"
    )


def test_projects_are_listed_with_what_their_traces_sum_up_to(service: str) -> None:
    page = text_of(httpx.get(service).text)
    assert f"{PROJECT} 3 1 1,200 $0.000012" in page
    assert page.index(PROJECT) < page.index("default 0")


def test_projects_come_on_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "SHOWN", 1)
    first, second = of_projects(store, {}), of_projects(store, {"page": "2"})
    assert [one["name"] for one in first["projects"] + second["projects"]] == [PROJECT, "default"]
    assert (first["next"], second["next"]) == (2, None)


def test_a_trace_is_listed_with_all_that_is_to_be_seen_of_it(service: str) -> None:
    page = text_of(httpx.get(service + PAGE).text)
    assert "3 traces, 1 failed · 1,200 tokens · $0.000012 ·" in page
    assert 'first ok term: "HTTP" a: "B" 1.00 s 1,200 $0.000012 2026-09-21' in page
    assert "second ✗ error" in page and "ValueError: no such term 2.50 s" in page
    assert "third … pending" in page
    assert "beneath" not in page


def test_a_list_leads_to_the_runs_and_to_comparing_two_of_them(service: str) -> None:
    found = tags(httpx.get(service + PAGE).text)
    there = f"../../../../o/{Store.tenant_id}/projects/p/{PROJECT}"
    assert {f"{there}/r/{run_id('first')}", f"{there}/compare", f"{there}/threads"} <= {
        *found.links
    }


def test_a_filter_and_a_search_narrow_the_list(service: str) -> None:
    asked = {"filter": 'eq(status, "error")'}
    page = text_of(httpx.get(service + PAGE, params=asked).text)
    assert "1 trace match" in page and "second" in page and "first" not in page
    nothing = httpx.get(service + PAGE, params={"search": "nowhere"}).text
    assert "Nothing matches." in text_of(nothing) and "of=traces" in nothing


def test_a_wrong_filter_is_told_in_the_service_s_words(service: str) -> None:
    wrong = 'eq(statu, "<b>")'
    page = httpx.get(service + PAGE, params={"filter": wrong})
    query = {"session": [PROJECT], "filter": wrong}
    told = httpx.post(f"{service}/runs/query", json=query).json()["detail"]
    assert page.status_code == 400
    assert " ".join(told.split()) in text_of(page.text)
    assert 'value="eq(statu, &#34;&lt;b&gt;&#34;)"' in page.text


def test_a_long_list_goes_on_with_what_is_earlier(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "SHOWN", 2)
    first = of_project(store, {"project_id": PROJECT})
    second = of_project(store, {"project_id": PROJECT, "cursor": first["next"]})
    names = [[line.run.name for line in page["lines"]] for page in (first, second)]
    assert names == [["third", "second"], ["first"]] and second["next"] is None


def test_more_matches_than_are_counted_are_said_to_be_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COUNTED", 2)
    given = {"project_id": PROJECT, "of": "runs"}
    assert of_project(store, given)["matching"] == "more than 2"


@pytest.mark.parametrize("wrong", ["none", "default", "22222222-2222-4222-8222-222222222222", "\0"])
def test_a_project_is_named_by_its_id_alone(store: Store, wrong: str) -> None:
    with pytest.raises(Missing, match="project"):
        project_of(store, {"project_id": wrong})
