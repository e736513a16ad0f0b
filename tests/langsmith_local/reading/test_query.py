from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator

import pytest

from helpers.langsmith_local import keysets
from helpers.langsmith_local.filtering.compile import compile_filter
from helpers.langsmith_local.filtering.condition import equal, members
from helpers.langsmith_local.reading import portion, query
from helpers.langsmith_local.reading.query import QueryError, Selection
from helpers.langsmith_local.schema import SCHEMA
from tests.langsmith_local.stored import PROJECT, START, add_project, add_run, run_id

OTHER = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def runs() -> sqlite3.Connection:
    """Seven runs in one project and one in another; two start at the same time."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    keysets.create(connection)
    add_project(connection)
    add_project(connection, OTHER)
    for n, second in enumerate((0, 1, 2, 2, 3, 4, 5)):
        add_run(connection, f"run {n}", second=second, tags=["odd"] if n % 2 else [])
    add_run(connection, "elsewhere", second=3, project_id=OTHER)
    return connection


def names(rows: list[sqlite3.Row]) -> list[str]:
    return [row["name"] for row in rows]


def pages(runs: sqlite3.Connection, selection: Selection, limit: int) -> Iterator[list[str]]:
    cursor = None
    while True:
        page = query.page(runs, selection, limit=limit, cursor=cursor)
        yield names(page.rows)
        if (cursor := page.next) is None:
            return


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("descending", [True, False])
def test_pages_hold_each_run_once_in_order(
    runs: sqlite3.Connection, limit: int, descending: bool
) -> None:
    selection = Selection((PROJECT,), descending=descending)
    found = [name for page in pages(runs, selection, limit) for name in page]
    whole = names(query.page(runs, selection, limit=100).rows)
    assert found == whole
    assert sorted(found) == [f"run {n}" for n in range(7)]
    assert (found[0], found[-1]) == (("run 6", "run 0") if descending else ("run 0", "run 6"))


def test_pages_over_several_projects_are_in_one_order(runs: sqlite3.Connection) -> None:
    found = [name for page in pages(runs, Selection((PROJECT, OTHER)), 3) for name in page]
    assert found.index("run 5") < found.index("elsewhere") < found.index("run 2")
    assert len(found) == 8


def test_a_run_that_arrives_between_pages_disturbs_none(runs: sqlite3.Connection) -> None:
    first = query.page(runs, Selection((PROJECT,)), limit=3)
    add_run(runs, "late", second=9)
    second = query.page(runs, Selection((PROJECT,)), limit=10, cursor=first.next)
    assert not set(names(first.rows)) & set(names(second.rows))
    assert len(first.rows) + len(second.rows) == 7


def test_the_last_page_has_no_cursor(runs: sqlite3.Connection) -> None:
    assert query.page(runs, Selection((PROJECT,)), limit=7).next is None
    assert query.page(runs, Selection((PROJECT,)), limit=6).next is not None


HOSTILE = [
    base64.b64encode(text.encode()).decode()
    for text in (
        *("{}", "[]", "1", '{"a": 1, "b": "x"}', '[true, "x"]', '[1.5, "x"]', '["x", "y"]'),
        *(f'[{2**63}, "x"]', f'[{2**64}, "x"]', r'[1, "\ud800"]', '[1, "x", 2]'),
        *("[" * 100_000, "[" * 900 + "]" * 900, "9" * 5_000),
    )
]


@pytest.mark.parametrize("cursor", ["x", "bnVsbA==", "WzEsMl0=", "%%%", "é", *HOSTILE])
def test_a_foreign_cursor_is_refused(runs: sqlite3.Connection, cursor: str) -> None:
    with pytest.raises(QueryError, match="cursor"):
        query.page(runs, Selection((PROJECT,)), limit=1, cursor=cursor)


def test_ids_are_found_in_any_project(runs: sqlite3.Connection) -> None:
    wanted = members("id", [run_id("run 1"), run_id("elsewhere"), run_id("nothing")])
    found = query.page(runs, Selection(where=(wanted,)), limit=10).rows
    assert sorted(names(found)) == ["elsewhere", "run 1"]


def test_conditions_are_joined(runs: sqlite3.Connection) -> None:
    later = equal("start_time", START + 2_000_000, op=">=")
    selection = Selection((PROJECT,), (later, compile_filter('has(tags, "odd")')))
    assert names(query.page(runs, selection, limit=10).rows) == ["run 5", "run 3"]


def test_a_walk_through_time_reads_no_rows_but_the_index(runs: sqlite3.Connection) -> None:
    condition = compile_filter('and(eq(run_type, "llm"), gt(latency, 2), gt(total_tokens, 9))')
    plan = runs.execute(
        "EXPLAIN QUERY PLAN SELECT r.start_time, r.id FROM runs r INDEXED BY runs_scan "
        f"WHERE r.project_id = ? AND {condition.sql} ORDER BY r.start_time DESC, r.id DESC",
        (PROJECT, *condition.params),
    ).fetchall()
    assert [row["detail"] for row in plan] == [
        "SEARCH r USING COVERING INDEX runs_scan (project_id=?)"
    ]


@pytest.mark.parametrize("descending", [True, False])
def test_a_page_ends_where_its_runs_would_take_too_much(
    runs: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, descending: bool
) -> None:
    runs.execute("UPDATE runs SET inputs = ? WHERE name IN ('run 2', 'run 3')", ("x" * 50_000,))
    runs.execute("UPDATE runs SET inputs = ? WHERE name = 'run 5'", ("x" * 200_000,))
    monkeypatch.setattr(portion, "PAGE_BYTES", 90_000)
    selection = Selection((PROJECT,), descending=descending)
    found = list(pages(runs, selection, 100))
    assert ["run 5"] in found  # above the bound by itself, and whole
    assert not any({"run 2", "run 3"} <= set(page) for page in found)
    assert sorted(name for page in found for name in page) == [f"run {n}" for n in range(7)]


def test_a_page_that_is_full_where_the_runs_end_has_no_cursor(
    runs: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portion, "PAGE_BYTES", 1)
    assert [len(page) for page in pages(runs, Selection((PROJECT,)), 100)] == [1] * 7


def test_two_lists_of_many_runs_are_looked_up_by_what_they_have_in_common(
    runs: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "FEW", 2)
    add_run(runs, "both", second=9, tags=["odd", "even"], metadata={"k": "v"})
    for n in (0, 2, 4):
        add_run(runs, f"even {n}", second=n, tags=["even"], metadata={"k": "v"})
    both = compile_filter('and(has(tags, "odd"), has(tags, "even"), eq(metadata_key, "k"))')
    told: list[str] = []
    runs.set_trace_callback(told.append)
    assert names(query.page(runs, Selection((PROJECT,), (both,)), limit=100).rows) == ["both"]
    runs.set_trace_callback(None)
    assert not any("INDEXED BY runs_scan" in sql for sql in told)


def test_a_walk_gives_the_rows_of_a_selection_as_they_are_found(runs):
    rows = query.walk(runs, Selection((OTHER, PROJECT)), "r.name")
    assert next(rows)["name"] == "elsewhere"
    assert [row["name"] for row in rows][:2] == ["run 6", "run 5"]
    assert names(query.select(runs, Selection((PROJECT,)), "r.name", limit=1)) == ["run 6"]
