from __future__ import annotations

import pytest

from helpers.langsmith_local.filtering.compile import FilterError
from helpers.langsmith_local.pages import searching
from helpers.langsmith_local.pages.searching import Asked, asked, selection
from helpers.langsmith_local.reading import query
from helpers.langsmith_local.reading.query import QueryError
from helpers.langsmith_local.store import Store
from tests.langsmith_local.stored import PROJECT, add_project, add_run


@pytest.fixture(autouse=True)
def runs(store: Store) -> None:
    connection = store.connection()
    add_project(connection)
    add_run(connection, "root", inputs={"q": 'what is "HTTP" \\ 100%?'})
    add_run(connection, "child", parent="root", second=1, error="ValueError: no term")
    add_run(connection, "other", second=2, tags=["v2"])
    connection.execute("INSERT INTO unsearched SELECT id FROM runs")


def found(store: Store, **given: str) -> list[str]:
    store.settle()
    chosen = selection(PROJECT, asked(given))
    return [row["name"] for row in query.select(store.connection(), chosen, "r.name")]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ["other", "root"]),
        ({"of": "runs"}, ["other", "child", "root"]),
        ({"of": "nonsense"}, ["other", "root"]),
        ({"filter": 'eq(status, "error")'}, []),
        ({"filter": 'eq(status, "error")', "of": "traces"}, ["root"]),
        ({"filter": 'eq(status, "error")', "of": "runs"}, ["child"]),
        ({"search": "no term", "of": "traces"}, ["root"]),
        ({"search": '"HTTP" \\ 100%'}, ["root"]),
        ({"search": "http", "filter": 'has(tags, "v2")'}, []),
        ({"search": "  ", "filter": 'has(tags, "v2")'}, ["other"]),
    ],
)
def test_the_boxes_choose_the_runs(store: Store, given: dict[str, str], names: list[str]) -> None:
    assert found(store, **given) == names


@pytest.mark.parametrize("filter", searching.EXAMPLES)
@pytest.mark.parametrize("of", searching.OF)
def test_each_example_is_a_filter(store: Store, filter: str, of: str) -> None:
    found(store, filter=filter, of=of, search="HTTP")


@pytest.mark.parametrize("of", searching.OF)
def test_a_wrong_filter_is_told_at_its_own_place(of: str) -> None:
    with pytest.raises(FilterError, match="line 1, column 4") as caught:
        selection(PROJECT, Asked(search="a long text before it", filter='eq(statu, "x")', of=of))
    assert "Did you mean" in str(caught.value)


def test_the_list_goes_on_after_a_cursor(store: Store) -> None:
    [first, _] = query.select(store.connection(), selection(PROJECT, Asked()), "r.start_time, r.id")
    assert found(store, cursor=query.encode(tuple(first))) == ["root"]
    with pytest.raises(QueryError, match="leave it out"):
        found(store, cursor="nonsense")


def test_the_address_of_a_list_leaves_out_what_is_the_default() -> None:
    assert Asked().query() == {"search": "", "filter": "", "of": None}
    assert Asked(search="a", of="runs", cursor="c").query(cursor="d") == {
        "search": "a", "filter": "", "of": "runs", "cursor": "d",
    }  # fmt: skip
