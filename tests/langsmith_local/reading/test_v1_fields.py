"""What the first generation shows of a run, and that its filters decide on the same."""

from __future__ import annotations

import datetime
import json
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
from hypothesis import strategies as st
from langsmith import Client

from helpers.langsmith_local.filtering import compile_filter
from helpers.langsmith_local.filtering.fields import COLUMNS
from helpers.langsmith_local.ingest import batch_json, ingest
from helpers.langsmith_local.reading import query
from helpers.langsmith_local.reading.query import QueryError, Selection
from helpers.langsmith_local.reading.v1_fields import DEFAULT_SELECT, SELECTS, names, shown
from helpers.langsmith_local.store import Store

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated.*")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("fields") / "langsmith.db")
    yield store
    store.close()


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
MONEY = st.floats(0, 1e6).filter(lambda dollars: dollars == 0 or dollars > 1e-9)
USAGE = st.fixed_dictionaries(
    {}, optional={"input_tokens": st.integers(0, 10**9), "total_tokens": st.integers(0, 10**9)}
) | st.fixed_dictionaries({"total_cost": MONEY, "input_cost": MONEY})
RUNS = st.fixed_dictionaries(
    {
        "name": WORDS,
        "run_type": st.sampled_from(["llm", "chain", "tool"]),
        "outputs": st.builds(lambda usage: {"usage_metadata": usage}, USAGE),
        "extra": st.builds(lambda thread: {"metadata": {"thread_id": thread}}, WORDS),
    },
    optional={
        "error": WORDS,
        "end_time": st.datetimes(datetime.datetime(2026, 1, 2), datetime.datetime(2027, 1, 1)).map(
            lambda time: f"{time.isoformat()}Z"
        ),
        "execution_order": st.integers(1, 9),
        "reference_example_id": st.uuids().map(str),
    },
)


def _stored(store: Store, fields: dict[str, Any], *, child: bool) -> str:
    """Store a run, beneath another one if it is a ``child``; return its id."""
    ids = [str(uuid.uuid4()) for _ in range(2 if child else 1)]
    orders = [".".join(f"20260101T000000000000Z{one}" for one in ids[: at + 1]) for at in range(2)]
    common = {"start_time": "2026-01-01T00:00:00Z", "trace_id": ids[0], "session_name": "p"}
    posts = [{"name": "root", "run_type": "chain", "id": ids[0], "dotted_order": orders[0]}]
    if child:
        posts.append({"id": ids[1], "dotted_order": orders[1], "parent_run_id": ids[0]})
    posts[-1] |= fields
    ingest(store, batch_json({"post": [one | common for one in posts]}))
    store.settle()
    return ids[-1]


def _literal(value: Any, name: str) -> str:
    return value if name.endswith("_cost") and value is not None else json.dumps(value)


@hypothesis.given(fields=RUNS, child=st.booleans())
@hypothesis.settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_a_filter_on_what_is_shown_finds_the_run(
    database: Store, fields: dict[str, Any], child: bool
) -> None:
    ident = _stored(database, fields, child=child)
    connection: sqlite3.Connection = database.connection()
    row = connection.execute("SELECT * FROM runs WHERE id = ?", (ident,)).fetchall()
    (run,) = shown(database, row, DEFAULT_SELECT)
    compared = {name: value for name, value in run.items() if name in COLUMNS}
    assert len(compared) >= 18
    for name, value in compared.items():
        asked = f"and(eq({name}, {_literal(value, name)}), eq(id, {json.dumps(ident)}))"
        found = query.page(connection, Selection(where=(compile_filter(asked),)), limit=2)
        assert [one["id"] for one in found.rows] == [ident], asked


def test_the_old_spelling_of_roots_finds_what_is_shown_as_first(
    client: Client, service: str, send: Any, make_run: Any
) -> None:
    root = make_run()
    old = make_run(root, execution_order=2)
    child = make_run(root)
    send(root, old, child)
    found = client.list_runs(project_name="glossary", execution_order=1)
    assert [str(run.id) for run in found] == [root["id"]]
    assert [
        httpx.get(f"{service}/runs/{run['id']}").json().get("execution_order")
        for run in (root, old, child)
    ] == [1, 2, None]


def test_tokens_that_are_shown_as_none_are_found_as_none(
    client: Client, send: Any, make_run: Any
) -> None:
    run = make_run()
    send(run)
    (found,) = client.list_runs(project_name="glossary", filter="eq(total_tokens, 0)")
    assert (str(found.id), found.total_tokens) == (run["id"], 0)


def test_times_have_no_offset(client: Client, service: str, send: Any, make_run: Any) -> None:
    run = make_run()
    send(run)
    found = httpx.get(f"{service}/runs/{run['id']}").json()
    assert found["start_time"] == "2026-01-01T00:00:00.000000"
    assert found["end_time"] == "2026-01-01T00:00:01.500000"
    # The dotted order holds the start of the run: the JavaScript SDK compares the two.
    digits = found["start_time"].translate({ord(sign): None for sign in "-:."})
    assert found["dotted_order"].startswith(f"{digits}Z")
    asked = {"trace": run["id"]}
    stats = httpx.post(f"{service}/runs/stats", json=asked).json()
    assert stats["last_run_start_time"] == found["start_time"]


def test_what_is_selected_and_never_there_is_null(service: str, send: Any, make_run: Any) -> None:
    run = make_run()
    send(run)
    asked = {"id": [run["id"]], "select": ["messages", "trace_tier"]}
    (found,) = httpx.post(f"{service}/runs/query", json=asked).json()["runs"]
    assert (found["messages"], found["trace_tier"]) == (None, None)


@pytest.mark.parametrize("chosen", [["bogus"], ["name", 1], [None], "name", [["name"]]])
def test_a_field_that_there_is_none_of_is_refused(chosen: Any) -> None:
    with pytest.raises(QueryError, match="select"):
        names({"select": chosen})


def test_every_name_of_the_document_can_be_selected() -> None:
    document = Path(__file__).parents[1] / "schemas" / "requests.json"
    query_runs = json.loads(document.read_text("utf-8"))["POST /api/v1/runs/query"]
    documented = query_runs["body"]["properties"]["select"]["items"]["enum"]
    assert sorted(documented) == sorted(SELECTS)
