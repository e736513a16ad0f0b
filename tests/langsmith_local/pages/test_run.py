from __future__ import annotations

import re

import httpx
import pytest

from helpers.langsmith_local.pages import run as run_page
from helpers.langsmith_local.pages.lists import Missing
from helpers.langsmith_local.pages.run import of_run, row_of
from helpers.langsmith_local.store import Store
from tests.langsmith_local.pages.browsing import text_of
from tests.langsmith_local.stored import PROJECT, add_feedback, add_project, add_run, run_id

PAGE = f"/o/{Store.tenant_id}/projects/p/{PROJECT}"


@pytest.fixture(autouse=True)
def runs(store: Store) -> None:
    connection = store.connection()
    add_project(connection)
    add_run(connection, "root", latency=4.0, thread_id="t 1", tags=["v2"])
    error = 'ValueError("no")\n\nTraceback (most recent call last):\n  File "x"\nValueError: no\n'
    chosen = {"user": "ada", "LANGSMITH_PROJECT": "p"}
    usage = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
    add_run(connection, "child", parent="root", second=1, metadata=chosen, error=error, **usage)
    add_run(connection, "grandchild", parent="child", second=2, latency=0.5)
    add_run(connection, "sibling", parent="root", second=3)
    add_run(connection, "child", id=run_id("another"), second=90)


def page_of(service: str, name: str) -> str:
    answer = httpx.get(f"{service}{PAGE}/r/{run_id(name)}")
    assert answer.status_code == 200
    return answer.text


def test_a_run_is_shown_in_the_tree_of_its_trace_and_marked(service: str) -> None:
    page = page_of(service, "child")
    places = [page.index(f"<bdi>{name}</bdi></a>") for name in ("root", "child")]
    places += [page.index(f"<bdi>{name}</bdi></a>\n") for name in ("grandchild", "sibling")]
    tree = page.partition('<section class="tree"')[2].partition("</section>")[0]
    assert re.findall(r'aria-current="page"><bdi>(.*?)</bdi>', tree) == ["child"]
    assert re.findall(r"<bdi>(.*?)</bdi>", tree) == ["root", "child", "grandchild", "sibling"]
    assert places


def test_the_waterfall_has_a_bar_a_run_and_a_scale(service: str) -> None:
    page = page_of(service, "root")
    assert re.findall(r'<rect .*? x="(.*?)%" .*? width="(.*?)%"', page) == [
        ("0.0", "100.0"),
        ("25.0", "25.0"),
        ("50.0", "12.5"),
        ("75.0", "25.0"),
    ]
    assert re.findall(r"<text .*?>(.*?)</text>", page) == ["0.00 s", "2.00 s", "4.00 s"]


def test_a_run_tells_all_that_it_holds(service: str, store: Store) -> None:
    add_feedback(store.connection(), "child", "helpful", 0.5, comment="<i>so so</i>")
    page = text_of(page_of(service, "child"))
    assert "chain · ✗ error · 1.00 s · 12 tokens" in page
    assert "Error ValueError: no All of it" in page and "Traceback" in page
    assert "Input q ? Output a !" in page
    assert "helpful 0.5 <i>so so</i>" in page
    assert "user ada 1 more that libraries added LANGSMITH_PROJECT p" in page
    assert "5 in, 7 out" in page and run_id("child") in page


def test_a_root_names_its_thread_and_its_tags(service: str) -> None:
    page = page_of(service, "root")
    assert "/t/t%201" in page and "<li><bdi>v2</bdi></li>" in page


def test_a_run_can_be_compared_with_others_of_its_name(service: str) -> None:
    page = page_of(service, "child")
    assert f'<option value="{run_id("another")}">' in page
    assert f'<option value="{run_id("child")}">' not in page


def test_what_is_large_is_shown_as_it_begins_and_all_of_it_is_linked(
    service: str, store: Store
) -> None:
    large = '{"q": "' + "x" * 600_000 + '"}'
    store.connection().execute("UPDATE runs SET inputs = ? WHERE name = 'root'", (large,))
    page = page_of(service, "root")
    assert "This is 600 kB of JSON" in page and len(page) < 60_000
    raw = httpx.get(f"{service}{PAGE}/r/{run_id('root')}/raw")
    assert raw.json()["inputs"]["q"] == "x" * 600_000


def test_what_is_long_is_folded_and_counted(service: str, store: Store) -> None:
    long = '{"q": "' + "x" * 150_000 + '"}'
    store.connection().execute("UPDATE runs SET inputs = ? WHERE name = 'root'", (long,))
    page = page_of(service, "root")
    assert "50,000 more characters" in page and "150,000 characters: <bdi>xxx" in page


def test_a_large_tree_shows_the_first_runs_and_the_chosen_one(
    service: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_page, "DRAWN", 1)
    found = of_run(store, {"run_id": run_id("grandchild")})
    names = [step.run.name for step in found["fall"].steps]
    assert (names, found["left"]) == (["root", "child", "grandchild"], 1)
    assert "1 more run of this trace is not drawn" in text_of(page_of(service, "grandchild"))


def test_the_links_of_a_long_tree_lead_to_the_place_of_the_run(service: str, store: Store) -> None:
    assert "#here" not in page_of(service, "root")
    for number in range(20):
        add_run(store.connection(), f"more {number}", parent="root", second=4)
    page = page_of(service, "child")
    assert page.count("#here") == 24 and page.count('id="here"') == 1


def test_a_run_that_has_not_ended_is_said_to_be_so(service: str, store: Store) -> None:
    store.connection().execute(
        "UPDATE runs SET status = 'pending', latency = NULL, end_time = NULL"
    )
    page = text_of(page_of(service, "root"))
    assert "… pending" in page and "It has not ended" in page


def test_attachments_are_linked_by_their_signed_addresses(service: str, store: Store) -> None:
    store.connection().execute(
        "INSERT INTO attachments VALUES (?, 'a b.png', 'image/png', x'00')", (run_id("root"),)
    )
    page = page_of(service, "root")
    assert f"attachments/{run_id('root')}/a%20b.png" in page and "(image/png)" in page


@pytest.mark.parametrize("wrong", ["none", run_id("none"), "\0", ""])
def test_a_run_that_is_not_there_is_missing(store: Store, wrong: str) -> None:
    with pytest.raises(Missing, match="run"):
        row_of(store, wrong)
