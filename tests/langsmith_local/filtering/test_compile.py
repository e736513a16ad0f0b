from __future__ import annotations

import json
import sqlite3

import pytest

from helpers.langsmith_local import keysets, trigrams
from helpers.langsmith_local.filtering.compile import FilterError, compile_filter
from helpers.langsmith_local.reading import query
from helpers.langsmith_local.schema import SCHEMA
from tests.langsmith_local.stored import PROJECT, add_feedback, add_project, add_run, run_id


@pytest.fixture(scope="module")
def runs() -> sqlite3.Connection:
    """Two traces: a chain with three runs beneath it, and a failed one with one beneath it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    keysets.create(connection)
    add_project(connection)
    talk = {"conversation_id": "c-1", "user_id": "u-1"}
    add_run(connection, "answer", latency=12.0, total_tokens=6000, tags=["2aa1cf4"], metadata=talk)
    add_run(
        connection,
        "extractor",
        parent="answer",
        second=1,
        latency=3.0,
        tags=["beta"],
        metadata={"user_id": "c-1", "nested": {"deep": [1, 2.5]}},
        outputs={"label": "good"},
    )
    add_run(
        connection,
        "RetrieveDocs",
        parent="answer",
        second=2,
        run_type="retriever",
        latency=0.5,
        inputs={"query": "What is HTTP?"},
    )
    add_run(connection, "ExpandQuery", parent="answer", second=3, total_tokens=40)
    add_run(
        connection,
        "failed",
        second=10,
        latency=2.5,
        error="ValueError('Überlauf \"x\"')",
        tags=["experimental"],
        metadata={"conversation_id": "c-2"},
        thread_id="t-1",
    )
    add_run(connection, "ChatOpenAI", parent="failed", second=11, run_type="llm", latency=6.0,
            total_tokens=5001, total_cost=0.02, thread_id="t-1",
            metadata={"ls_model_name": "gpt-4o-mini", "environment": "prod", "n": 3})  # fmt: skip
    add_feedback(connection, "answer", "user_score", 1.0)
    add_feedback(connection, "answer", "star_rating", 5.0)
    add_feedback(connection, "failed", "Correctness", 0.0)
    add_feedback(connection, "failed", "star_rating", 2.0, value='"poor"')
    trigrams.create(connection)
    return connection


ALL = "answer extractor RetrieveDocs ExpandQuery failed ChatOpenAI"
CASES = {
    # The documentation's own examples, with values of the runs above.
    'and(eq(run_type, "chain"), gt(latency, 10), gt(total_tokens, 5000))': "answer",
    'gt(latency, "5s")': "answer ChatOpenAI",
    "gt(total_tokens, 5000)": "answer ChatOpenAI",
    "neq(error, null)": "failed",
    "eq(error, null)": "answer extractor RetrieveDocs ExpandQuery ChatOpenAI",
    'gt(start_time, "2026-09-21T14:13:29Z")': "failed ChatOpenAI",
    'search("substring")': "",
    'search("http")': "RetrieveDocs",
    'has(tags, "2aa1cf4")': "answer",
    'and(eq(feedback_key, "star_rating"), gt(feedback_score, 4))': "answer",
    'and(gt(start_time, "2023-07-15T12:34:56Z"), or(neq(error, null), '
    'and(eq(feedback_key, "Correctness"), eq(feedback_score, 0.0))))': "failed",
    'and(or(has(tags, "experimental"), has(tags, "beta")), gt(latency, 2))': "extractor failed",
    "eq(metadata_key, 'user_id')": "answer extractor",
    "and(eq(metadata_key, 'user_id'), eq(metadata_value, 'u-1'))": "answer",
    "and(neq(metadata_key, 'conversation_id'))": "extractor RetrieveDocs ExpandQuery ChatOpenAI",
    "and(eq(metadata_key, 'conversation_id'), neq(metadata_value, 'c-1'))": "failed",
    "and(neq(metadata_key, 'conversation_id'), neq(metadata_value, 'c-1'))": "RetrieveDocs ExpandQuery ChatOpenAI",
    "and(neq(metadata_key, 'conversation_id'), eq(metadata_value, 'c-1'))": "extractor",
    'and(in(metadata_key, ["session_id", "conversation_id", "thread_id"]), '
    'eq(metadata_value, "c-2"))': "failed",
    "and(eq(name, 'ChatOpenAI'), eq(metadata_key, 'environment'), eq(metadata_value, 'prod'))": "ChatOpenAI",
    'eq(thread_id, "t-1")': "failed ChatOpenAI",
    f'eq(id, "{run_id("answer")}")': "answer",
    'and(gt(start_time, "2026-01-01"), or(eq(status, "error"), eq(run_type, "llm")))': "failed ChatOpenAI",
    # Pairs of inputs, outputs and feedback, bound as those of metadata are.
    'and(eq(input_key, "query"), eq(input_value, "What is HTTP?"))': "RetrieveDocs",
    'and(eq(output_key, "label"), eq(output_value, "good"))': "extractor",
    'and(eq(input_key, "label"), eq(input_value, "good"))': "",
    'neq(output_key, "label")': "answer RetrieveDocs ExpandQuery failed ChatOpenAI",
    'and(eq(feedback_key, "user_score"), eq(feedback_score, 5))': "",
    'and(eq(feedback_key, "star_rating"), eq(feedback_value, "poor"))': "failed",
    'neq(feedback_key, "star_rating")': "extractor RetrieveDocs ExpandQuery ChatOpenAI",
    "and(gt(feedback_score, 1), lt(feedback_score, 3))": "failed",
    'and(eq(feedback_key, "user_score"), eq(feedback_key, "star_rating"))': "answer",
    'and(eq(metadata_key, "user_id"), eq(metadata_value, "u-1"), '
    'eq(metadata_key, "conversation_id"), eq(metadata_value, "c-1"))': "answer",
    'and(eq(metadata_key, "user_id"), or(eq(metadata_value, "u-1"), eq(metadata_value, "c-2")))': "answer",
    'neq(metadata_value, "c-1")': "RetrieveDocs ExpandQuery failed ChatOpenAI",
    'and(eq(metadata_key, "nested.deep.0"), eq(metadata_value, 1))': "extractor",
    'and(eq(metadata_key, "n"), gte(metadata_value, 3))': "ChatOpenAI",
    'and(eq(metadata_key, "environment"), gte(metadata_value, 3))': "",
    """has(metadata, '{"environment": "prod", "n": 3}')""": "ChatOpenAI",
    'eq(ls_model_name, "gpt-4o-mini")': "ChatOpenAI",
    'search("\\u00fcberlauf")': "failed",
    # Columns.
    "lte(latency, 0.5)": "RetrieveDocs",
    'lt(latency, "600ms")': "RetrieveDocs",
    'gte(latency, "0.2m")': "answer",
    'in(name, ["answer", "failed"])': "answer failed",
    'in(name, ["O\'Brien", \'say "hi"\'])': "",
    'and(eq(is_root, true), neq(name, "failed"))': "answer",
    f'eq(trace_id, "{run_id("failed")}")': "failed ChatOpenAI",
    f'eq(parent_run_id, "{run_id("failed").upper()}")': "ChatOpenAI",
    "neq(total_tokens, 40)": "answer extractor RetrieveDocs failed ChatOpenAI",
    "gt(total_cost, 1e-2)": "ChatOpenAI",
    'neq(tags, "beta")': "answer RetrieveDocs ExpandQuery failed ChatOpenAI",
    'and(has(tags, "beta"))': "extractor",
    'or(eq(name, "answer"), eq(name, "failed"), eq(name, "none"))': "answer failed",
    # Full text: any case, also beyond ASCII; quotes as the reader sees them; one field.
    'search("überlauf")': "failed",
    "search('Überlauf \"X\"')": "failed",
    'search(name, "QUERY")': "ExpandQuery",
    'search(error, "valueerror")': "failed",
    'search(inputs, "valueerror")': "",
    'search("%")': "",
    "eq(name, 'x\\' OR 1=1 --')": "",
}


@pytest.mark.parametrize(("source", "names"), CASES.items())
def test_a_filter_finds_exactly_these_runs(
    runs: sqlite3.Connection, source: str, names: str
) -> None:
    selection = query.Selection(projects=(PROJECT,), where=(compile_filter(source),))
    found = query.page(runs, selection, limit=100).rows
    assert {row["name"] for row in found} == set(names.split())


@pytest.mark.parametrize(("source", "names"), CASES.items())
def test_the_walk_through_time_finds_the_same_as_the_short_list(
    runs: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, source: str, names: str
) -> None:
    monkeypatch.setattr(query, "FEW", -1)
    selection = query.Selection(projects=(PROJECT,), where=(compile_filter(source),))
    found = query.select(runs, selection, "r.name")
    assert {row["name"] for row in found} == set(names.split())


TRACES = [
    ('eq(name, "extractor")', 'and(eq(feedback_key, "user_score"), eq(feedback_score, 1))', None,
     "extractor"),
    ('eq(name, "extractor")', 'and(eq(feedback_key, "user_score"), eq(feedback_score, 0))', None,
     ""),
    ('eq(name, "RetrieveDocs")', 'and(eq(feedback_key, "user_score"), eq(feedback_score, 1))',
     'eq(name, "ExpandQuery")', "RetrieveDocs"),
    ('eq(name, "RetrieveDocs")', None, 'eq(name, "ChatOpenAI")', ""),
    (None, 'eq(status, "error")', None, "failed ChatOpenAI"),
    (None, None, 'eq(run_type, "llm")', "failed ChatOpenAI"),
    (None, 'eq(name, "extractor")', None, ""),
]  # fmt: skip


@pytest.mark.parametrize("few", [3000, -1])
@pytest.mark.parametrize(("own", "root", "any_run", "names"), TRACES)
def test_trace_filter_looks_at_the_root_and_tree_filter_at_any_run(
    runs: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, few: int,
    own: str | None, root: str | None, any_run: str | None, names: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(query, "FEW", few)
    where = (compile_filter(own),) if own else ()
    selection = query.Selection((PROJECT,), where, root, any_run)
    found = query.page(runs, selection, limit=100).rows
    assert {row["name"] for row in found} == set(names.split())


MISTAKES = {
    'eq(nme, "x")': ('"name"', 4),
    'eqq(name, "x")': ('"eq"', 1),
    "gt(latencyy, 5)": ('"latency"', 4),
    'not(eq(name, "x"))': ("neq", 1),
    'eq(name, "x"': ('")" or ","', 13),
    'eq(name "x")': ('","', 9),
    'eq(name, "x)': ("quote is not closed", 10),
    'eq(name, "a") eq(name, "b")': ("the end of the filter", 15),
    "eq(name, x)": ("in quotes", 10),
    'eq("name", "x")': ("without quotes", 4),
    'gt(latency, "soon")': ("duration", 13),
    'gt(start_time, "soon")': ("a time of 1900 to 2299 such as", 16),
    'gt(total_tokens, "5")': ("without quotes", 18),
    "eq(id, 'x')": ("UUID", 8),
    'has(name, "x")': ("tags or metadata", 5),
    'gt(tags, "x")': ("has(tags", 4),
    "gt(error, null)": ("null", 11),
    'in(name, "x")': ("list", 1),
    'eq(name, ["x"])': ("in(...)", 1),
    "eq(name)": ("a field and a value", 1),
    "and(name)": ("joins comparisons", 5),
    'eq(inputs, "x")': ("search(inputs", 4),
    "search(1)": ("search(...) takes", 1),
    'search(latency, "x")': ("looks into", 1),
    "has(metadata, 'x')": ("JSON object", 15),
    "eq(name, 'x'' OR 1=1 --')": ("where", 13),
    "status:error AND -name:x": ('"("', 7),
    "": ("a name", 1),
}


@pytest.mark.parametrize(("source", "said"), MISTAKES.items())
def test_a_mistake_is_named_at_its_place_with_what_mends_it(
    source: str, said: tuple[str, int]
) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(source)
    words, column = said
    assert words in str(caught.value)
    assert caught.value.column == column
    assert str(caught.value).splitlines()[-1] == "  " + " " * (column - 1) + "^"


def test_a_mistake_in_a_later_line_is_shown_in_that_line() -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter('and(\n  eq(name, "x"),\n  eq(nam, "y")\n)')
    assert (caught.value.line, caught.value.column) == (3, 6)
    assert str(caught.value).splitlines()[-2:] == ['    eq(nam, "y")', "       ^"]


@pytest.mark.parametrize("source", [
    "and(" * 100_000,
    "and(" * 4_000 + 'eq(name, "x")' + ")" * 4_000,
    "and(" * 50 + 'eq(name, "x")' + ")" * 50,
    "or(" + ", ".join(['eq(name, "x")'] * 500) + ")",
    'eq(name, "' + "x" * 30_000 + '")',
])  # fmt: skip
def test_a_filter_is_bounded_in_depth_and_size(source: str) -> None:
    with pytest.raises(FilterError):
        compile_filter(source)


def test_the_longest_filter_that_is_taken_can_be_run(runs: sqlite3.Connection) -> None:
    source = "or(" + ", ".join(f'eq(name, "{n}")' for n in range(180)) + ")"
    deep = "and(" * 18 + source + ")" * 18
    selection = query.Selection((PROJECT,), (compile_filter(deep),), deep, deep)
    assert query.page(runs, selection, limit=1).rows == []


def test_no_text_of_a_filter_reaches_the_sql() -> None:
    condition = compile_filter('and(eq(name, "zebra"), search("zebra"), has(tags, "zebra"))')
    assert "zebra" not in condition.sql + json.dumps([sql for sql, _ in condition.narrowing])
