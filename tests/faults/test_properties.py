"""What holds whatever is sent: examples made by Hypothesis, the same ones in each run."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from helpers.keys import kind_of, mask
from helpers.langsmith_local import projects
from helpers.langsmith_local.filtering import (
    Condition,
    FilterError,
    compile_filter,
    search_condition,
)
from helpers.langsmith_local.filtering.fields import COLUMNS, FIELDS
from helpers.langsmith_local.filtering.functions import FUNCTIONS
from helpers.langsmith_local.ingest import batch_json, ingest
from helpers.langsmith_local.reading import Selection
from helpers.langsmith_local.reading.query import page
from helpers.langsmith_local.replica import Replica
from helpers.langsmith_local.store import Store
from helpers.recording import matching
from helpers.recording.scrubbing import SecretFound, scrub
from helpers.testing.faults import fault
from tests.faults.readers import opened, run, unread
from tests.recording.samples import BODY, CHAT, asked

REASON = "Hypothesis is missing: python -m pip install -r requirements.txt"
hypothesis = pytest.importorskip("hypothesis", reason=REASON)
st = pytest.importorskip("hypothesis.strategies", reason=REASON)

PROJECT = "11111111-1111-4111-8111-111111111111"


def examples(count: int) -> Any:
    """Return settings for so many examples, which are the same in each run and kept nowhere."""
    return hypothesis.settings(
        max_examples=count, derandomize=True, deadline=None, database=None, print_blob=False
    )


# --- the filter language --------------------------------------------------------------------

WORDS = [
    *FIELDS,
    *FUNCTIONS,
    "true",
    "null",
    "(",
    ")",
    "[",
    "]",
    ",",
    ", ",
    " ",
    "1",
    "-0",
    "1e999",
]
WORDS += ['"x"', "'", '"', '"\\ud800"', '"2026-01-01"', f'"{PROJECT}"', "'{\"a\": 1}'", "\\", "\0"]
LOOSE = st.lists(st.sampled_from(WORDS) | st.text(max_size=3), max_size=12).map("".join)
# Mostly what the language has, with too few or too many of it.
CALLED = st.builds(
    lambda name, field, args: f"{name}({', '.join([field, *args])})",
    st.sampled_from([*FUNCTIONS, "not"]),
    st.sampled_from(FIELDS),
    st.lists(st.sampled_from(WORDS) | LOOSE, max_size=2),
)
HALF = st.lists(CALLED, min_size=1, max_size=3).map(",".join).map("and({})".format)

QUOTED = st.text(max_size=8).map(json.dumps)  # an emoji is escaped as a surrogate pair
NUMBERS = st.integers(-(2**70), 2**70).map(str) | st.floats(-1e300, 1e300).map(str)
LITERALS = {
    "text": QUOTED,
    "uuid": st.uuids().map(lambda one: f'"{one}"'),
    "number": NUMBERS,
    "time": st.datetimes().map(lambda one: f'"{one.replace(year=2026).isoformat()}"'),
    "duration": st.floats(0, 1e6).map(str) | st.integers(0, 9**9).map('"{}ms"'.format),
    "boolean": st.sampled_from(["true", "false"]),
}
EQUAL, ORDERED = ["eq", "neq"], ["gt", "gte", "lt", "lte"]


def _comparison(field: str, kind: str) -> Any:
    ops = EQUAL if kind == "boolean" else EQUAL + ORDERED
    one = st.builds("{}({}, {})".format, st.sampled_from(ops), st.just(field), LITERALS[kind])
    listed = st.lists(LITERALS[kind], max_size=4).map(", ".join)
    return one | listed.map(lambda items: f"in({field}, [{items}])")


COMPARED = [_comparison(field, kind) for field, (_, kind) in COLUMNS.items()]
COMPARED += [_comparison(f"{side}_key", "text") for side in ("metadata", "input", "feedback")]
COMPARED += [_comparison(f"{side}_value", "text") for side in ("metadata", "output")]
COMPARED += [_comparison("metadata_value", "number"), _comparison("feedback_score", "number")]
COMPARED += [QUOTED.map("search({})".format), QUOTED.map("has(tags, {})".format)]
VALID = st.recursive(
    st.one_of(COMPARED),
    lambda inner: st.builds(
        lambda name, parts: f"{name}({', '.join(parts)})",
        st.sampled_from(["and", "or"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)


@fault("any text is sent as a filter", "it is compiled, or a FilterError says where it is wrong")
@hypothesis.given(st.text(max_size=40) | LOOSE | HALF)
@examples(200)
def test_any_text_is_a_filter_or_a_filter_error(text):
    try:
        assert isinstance(compile_filter(text), Condition)
    except FilterError as error:
        assert error.line >= 1 and error.column >= 1


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    store = Store(tmp_path_factory.mktemp("properties") / "langsmith.db")
    with store.writing() as connection:
        projects.create(connection, "good", 0, project_id=PROJECT)
    root = run(session_id=PROJECT)
    ingest(store, batch_json({"post": [root, run(root, session_id=PROJECT)]}))
    store.settle()
    yield store.connection()
    store.close()


@fault("any filter of the language is asked for", "SQLite answers it, for runs, roots and trees")
@hypothesis.given(VALID, st.sampled_from(["where", "trace_filter", "tree_filter"]))
@examples(100)
def test_a_filter_of_the_language_runs(connection, text, place):
    given: Any = (compile_filter(text),) if place == "where" else text
    found = page(connection, Selection((PROJECT,), **{place: given}), limit=10)
    assert len(found.rows) <= 2


# Letters that change with their case, also in number; ends of texts; what JSON escapes.
PARTS = ["Straße", "STRASSE", "ﬁnal", "FINAL", "İstanbul", "i̇st", "ſee", "sea", "Kelvin", "kelvin"]
PARTS += ["a\0bc", 'say "hi"', "C:\\new\n", "\\", "😀😀😀", "\x01\ufffe\uffff", "ǰump", "{}[],:"]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=5).map("".join)
NEEDLES = st.builds(
    lambda text, first, length, cased: cased(text[first : first + length]) or "x",
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=2).map("".join),
    st.integers(0, 6),
    st.integers(2, 8),
    st.sampled_from([str, str.upper, str.lower, str.swapcase]),
)
FILLED = st.fixed_dictionaries(
    {"inputs": st.dictionaries(TEXTS, TEXTS, max_size=2)},
    optional={
        "outputs": st.dictionaries(TEXTS, TEXTS, max_size=2),
        "error": TEXTS,
        "tags": st.lists(TEXTS, max_size=2),
    },
)
STEPS = st.one_of(
    st.tuples(st.just("send"), st.integers(0, 5), FILLED),
    st.tuples(st.just("change"), st.integers(0, 5), FILLED),
    st.tuples(st.just("delete"), st.integers(0, 1), st.none()),
    st.tuples(st.sampled_from(["tend", "settle", "read"]), st.none(), st.none()),
)


@fault(
    "runs come, change and go while the index of texts is behind, and behind a lag",
    "a search finds the same runs as reading every text",
)
@hypothesis.given(
    st.lists(STEPS, min_size=3, max_size=12),
    st.lists(NEEDLES, min_size=6, max_size=9),
    st.booleans(),
)
@examples(60)
def test_the_index_finds_what_reading_every_text_finds(tmp_path_factory, steps, needles, lagging):
    folder = tmp_path_factory.getbasetemp()
    written = Store(folder / f"{uuid.uuid4()}.db")
    replica = Replica(written, 1e-3) if lagging else None
    store = replica.store if replica else written
    runs = [run(session_name=f"project {number % 2}") for number in range(6)]
    for what, number, fields in steps:
        with replica.following() if replica else contextlib.nullcontext():
            _take(written, store, runs, what, number, fields)
        if replica:
            replica.catch_up()
        if what == "read":
            _compare(store, needles)
    _compare(store, needles)
    while store.tend():
        pass
    _compare(store, needles)
    if replica:
        replica.close()
    written.close()


def _take(written: Store, store: Store, runs: list[Any], what: str, number: Any, fields: Any):
    if what == "send":
        ingest(written, batch_json({"post": [runs[number] | fields]}))
    elif what == "change":
        ingest(written, batch_json({"patch": [runs[number] | fields]}))
    elif what == "delete":
        if project := written.project(f"project {number}"):
            projects._deleted(written, project["id"])
    elif what == "tend":
        while store.tend():
            pass
    elif what == "settle":
        store.settle()


def _compare(store: Store, needles: list[str]) -> None:
    store.settle()
    for needle in needles:
        condition = search_condition(needle)
        every = dataclasses.replace(condition, narrowing=())
        found, expected = (
            [row["id"] for row in page(store.connection(), Selection((), (one,)), limit=100).rows]
            for one in (condition, every)
        )
        assert found == expected


# --- taking in ------------------------------------------------------------------------------


def _tree() -> list[tuple[str, dict[str, Any]]]:
    """Return what a client sends of a root with two llm runs: a post and a patch of each."""
    late = ("end_time", "outputs")
    root = run(run_type="chain", session_id=PROJECT)
    runs = [root, run(root, session_id=PROJECT), run(root, session_id=PROJECT)]
    events = []
    for number, one in enumerate(runs):
        usage = {"input_tokens": 3 + number, "output_tokens": 10, "total_cost": 0.1 * number}
        one["outputs"] = {"text": "x", "usage_metadata": usage}
        ids = {key: one[key] for key in one if key.endswith("id") or key == "dotted_order"}
        events.append(("post", {key: one[key] for key in one if key not in late}))
        events.append(("patch", ids | {key: one[key] for key in late}))
    return events


EVENTS = _tree()


def _stored(folder: Path, order: list[int], cuts: set[int]) -> list[tuple[Any, ...]]:
    """Return the rows after these events came in this order, in batches that end at the cuts."""
    store = Store(folder / f"{uuid.uuid4()}.db")
    with store.writing() as connection:
        projects.create(connection, "good", 0, project_id=PROJECT)
    edges = sorted({0, len(order), *(cut % len(order) for cut in cuts)})
    for first, last in itertools.pairwise(edges):
        batch: dict[str, list[Any]] = {"post": [], "patch": []}
        for index in order[first:last]:
            event, body = EVENTS[index]
            batch[event].append(dict(body))
        ingest(store, batch_json(batch))
    rows = store.connection().execute("SELECT * FROM runs ORDER BY id").fetchall()
    store.close()
    return [tuple(row) for row in rows]


@fault(
    "posts and patches come in any order, several times and in any batches",
    "the stored runs and their sums are the same",
)
@hypothesis.given(
    st.permutations(range(len(EVENTS))),
    st.lists(st.integers(0, len(EVENTS) - 1), max_size=4),
    st.sets(st.integers(0, 20), max_size=5),
)
@examples(25)
def test_order_and_repetition_change_nothing(tmp_path_factory, order, again, cuts):
    folder = tmp_path_factory.getbasetemp()
    expected = _stored(folder, list(range(len(EVENTS))), set())
    assert len(expected) == 3 and _stored(folder, [*order, *again], cuts) == expected


ODD = [2**63, -(2**63), 2**64, 10**12 + 1, 10**400, 1e300, -0.0, float("nan"), float("inf"), 1e11]
ODD += [
    "inf",
    "nan",
    "1e300",
    "-1",
    str(2**63),
    "0000-01-01",
    "1899-12-31",
    "2300-01-01",
    253402300800,
]
ODD += ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01T00:00:00.1234567891Z"]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.datetimes().map(str)
VALUES = st.sampled_from(ODD) | st.recursive(
    SCALARS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)
TOKENS = ["input_tokens", "output_tokens", "total_tokens", "input_cost", "total_cost"]
TOKENS += ["input_token_details", "output_cost_details"]
PLACES = [*("start_time", "end_time", "execution_order", "thread_id", "new_token"), *TOKENS]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with opened(tmp_path_factory.mktemp("values")) as client:
        yield client


def _run_with(field: str, value: Any, project: str) -> dict[str, Any]:
    if field in TOKENS:
        fields: dict[str, Any] = {"outputs": {"usage_metadata": {field: value}}}
    elif field == "thread_id":
        fields = {"extra": {"metadata": {"thread_id": value}}}
    elif field == "new_token":
        fields = {"events": [{"name": "new_token", "time": value}]}
    else:
        fields = {field: value}
    return run(session_name=project, **fields)


def _post(service: TestClient, path: str, body: Any) -> int:
    # As text, since clients in other languages write what httpx does not: NaN, lone surrogates.
    return service.post(path, content=json.dumps(body).encode()).status_code


@fault("a number or a date of a run is any JSON value", "202 or 4xx, and everything reads")
@hypothesis.given(st.sampled_from(PLACES), VALUES)
@examples(40)
def test_any_value_of_a_run_is_taken_or_refused(service, field, value):
    project = str(uuid.uuid4())
    root = _run_with(field, value, project)
    status = _post(service, "/runs/batch", {"post": [root]})
    assert status == 202 or 400 <= status < 500
    assert status != 202 or unread(service, project) == []


@fault("a number or a date of feedback is any JSON value", "200 or 4xx, and everything reads")
@hypothesis.given(st.sampled_from(["score", "value", "created_at", "modified_at"]), VALUES)
@examples(15)
def test_any_value_of_feedback_is_taken_or_refused(service, field, value):
    project = str(uuid.uuid4())
    root = run(session_name=project)
    assert _post(service, "/runs/batch", {"post": [root]}) == 202
    status = _post(
        service, "/feedback", {"run_id": root["id"], "key": "k", "score": 1, field: value}
    )
    assert status == 200 or 400 <= status < 500
    assert unread(service, project) == []


# --- recordings -----------------------------------------------------------------------------

WORD = st.text("abcXYZ019", min_size=30, max_size=60)
KEYS = st.builds(
    str.__add__,
    st.sampled_from(["sk-", "sk-proj-", "lsv2_pt_", "ghp_", "github_pat_", "hf_", "AIza", "xoxb-"]),
    WORD,
) | st.text("ABCXYZ019", min_size=16, max_size=16).map("AKIA".__add__)
EDGES = st.text(" \n\t\"'=:,;()[]{}", min_size=0, max_size=4)


@fault("a text has a key anywhere", "it is known for one, and nothing of it survives a mask")
@hypothesis.given(EDGES, KEYS, EDGES)
@examples(100)
def test_no_key_survives_a_mask(before, key, after):
    text = f"use{before or ' '}{key}{after}"
    assert kind_of(text) == "an API key"
    assert not any(key[at : at + 8] in mask(text) for at in range(len(key) - 8))
    assert kind_of(mask(text)) is None


@fault("a prompt has a key, however deep it stands", "nothing is recorded and the key is not told")
@hypothesis.given(KEYS, st.lists(st.sampled_from(["list", "value", "name"]), max_size=5))
@examples(60)
def test_a_recording_with_a_key_is_refused(key, path):
    value: Any = f"my key is {key}."
    for step in path:
        value = {"list": [0, value], "value": {"a": value}, "name": {str(value): 1}}[step]
    with pytest.raises(SecretFound) as refused:
        scrub(asked("What is HTTP?", tools=value))
    assert key not in str(refused.value)


PROMPTS = st.text(min_size=1, max_size=20)


def _in_another_notation(body: dict[str, Any], pick: Any) -> dict[str, Any]:
    """Return the request as another client may write it."""
    other = dict(body, messages=[dict(one) for one in body["messages"]])
    if pick("parts"):
        for message in other["messages"]:
            message["content"] = [{"type": "text", "text": message["content"]}]
    if pick("floats"):
        other["temperature"] = float(other["temperature"])
    if pick("nulls"):
        other |= {"tools": None, "stop": None, "stream": False}
        other["messages"][0] |= {"name": None, "tool_calls": []}
    if pick("newer name"):
        other["max_completion_tokens"] = other.pop("max_tokens")
    if pick("ignored"):
        other |= {"user": "u", "metadata": {"a": 1}, "extra_body": {}, "timeout": 3}
    return dict(reversed(other.items())) if pick("order") else other


@fault("clients write one request in their own notations", "each finds the same recording")
@hypothesis.given(PROMPTS, st.integers(0, 2), st.integers(1, 9), st.data())
@examples(80)
def test_a_notation_changes_no_key(prompt, temperature, most, data):
    body = {**BODY, "messages": [{"role": "user", "content": prompt}]}
    body |= {"temperature": temperature, "max_tokens": most}
    other = _in_another_notation(body, lambda name: data.draw(st.booleans(), label=name))
    assert matching.key(CHAT, other) == matching.key(CHAT, body)
    texts = {"model": "m", "input": prompt}
    assert matching.key("/embeddings", texts | {"input": [prompt]}) == matching.key(
        "/embeddings", texts
    )


@fault("two requests differ in one field that decides", "they never find the same recording")
@hypothesis.given(PROMPTS, PROMPTS, st.sampled_from(["messages", "model", "stop", "seed"]))
@examples(80)
def test_another_prompt_has_another_key(one, other, field):
    hypothesis.assume(one != other)
    pair = [[{"role": "user", "content": each}] for each in (one, other)]
    first, second = pair if field == "messages" else (one, other)
    assert matching.key(CHAT, BODY | {field: first}) != matching.key(CHAT, BODY | {field: second})
