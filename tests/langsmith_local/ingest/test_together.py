"""A run and its change in one request, read as one run."""

from __future__ import annotations

import copy
import json
import random
import sqlite3

import pytest

from helpers.langsmith_local.ingest.batch import multipart
from helpers.langsmith_local.ingest.together import APART, together
from helpers.langsmith_local.ingest.write import write
from helpers.langsmith_local.schema import SCHEMA

RUN = {"id": "1", "trace_id": "1", "dotted_order": "1", "name": "one", "inputs": {"a": 1}}


def test_what_the_change_says_anew_is_added():
    whole, replaced = together(RUN, RUN | {"end_time": "now", "outputs": {"b": 2}})
    assert whole == RUN | {"end_time": "now", "outputs": {"b": 2}}
    assert replaced == {}


def test_what_the_change_replaces_is_returned_to_be_looked_at():
    run = RUN | {"outputs": "no object"}
    whole, replaced = together(run, RUN | {"outputs": {}})
    assert (whole["outputs"], replaced) == ({}, {"outputs": "no object"})


@pytest.mark.parametrize(
    "said",
    [
        {"name": "two"},
        {"start_time": "now"},
        {"trace_id": None},
        {"parent_run_id": "0"},
        {"dotted_order": "2"},
        {"session_name": "another"},
        {"tags": ["a"]},
    ],
)
def test_a_change_that_says_more_is_left_to_be_checked_alone(said):
    assert together(RUN, RUN | said) is None


def test_true_is_not_one():
    assert together(RUN | {"execution_order": 1}, RUN | {"execution_order": True}) is None
    whole, _ = together(RUN | {"extra": {"a": 1}}, RUN | {"extra": {"a": True}})
    assert whole["extra"]["a"] is True


def test_nothing_said_changes_nothing():
    assert together(RUN, RUN | {"inputs": None, "session_id": None}) == (RUN, {})


def test_neither_is_touched():
    run, change = RUN | {"error": "a"}, RUN | {"error": "b"}
    before = copy.deepcopy((run, change))
    together(run, change)
    assert (run, change) == before


def parts_of(event: str, run: dict) -> list[tuple[str, str, bytes]]:
    name = f"{event}.{run['id']}"
    main = {key: value for key, value in run.items() if key not in APART}
    sent = {name: main} | {f"{name}.{key}": run[key] for key in sorted(APART & run.keys())}
    return [(key, "application/json", json.dumps(value).encode()) for key, value in sent.items()]


def kept(request: list[tuple[str, str, bytes]]) -> list[dict]:
    """What is stored of a request, all but the project's id, which is made up here."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.executescript(SCHEMA)
    batch = multipart(request)
    write(connection, batch.posts, batch.patches, batch.changed)
    changed = [row[0] for row in connection.execute("SELECT run_id FROM changed_runs ORDER BY 1")]
    found = connection.execute("SELECT * FROM runs ORDER BY id").fetchall()
    connection.close()
    return [{**dict(row), "project_id": None, "changed": row["id"] in changed} for row in found]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_stored_is_the_same_when_each_is_read_by_itself(make_run, monkeypatch, seed):
    chance = random.Random(seed)

    def some() -> dict:
        usage = {"usage_metadata": {"input_tokens": chance.randrange(9)}}
        said = {
            "outputs": chance.choice([{}, {"a": 1}, usage]),
            "extra": chance.choice([{}, {"metadata": {"thread_id": "t"}}, {"metadata": usage}]),
            "events": chance.choice([[], [{"name": "new_token", "time": "2026-01-01T00:00:01Z"}]]),
            "error": "no",
            "tags": chance.choice([[], ["a"]]),
            "name": chance.choice(["define", "another"]),
            "end_time": "2026-01-01T00:00:02Z",
            "session_id": None,
        }
        return {key: said[key] for key in chance.sample(sorted(said), chance.randrange(len(said)))}

    runs = [make_run(run_type="chain")]
    runs += [make_run(chance.choice(runs), run_type="llm") for _ in range(4)]
    posts = [parts_of("post", run | some()) for run in runs]
    place = ("id", "trace_id", "parent_run_id", "dotted_order")
    said = [{key: run[key] for key in place if key in run} | some() for run in runs]
    patches = [parts_of("patch", change) for change in said]
    request = [part for parts in (*posts, *patches) for part in parts]
    found = kept(request)
    monkeypatch.setattr("helpers.langsmith_local.ingest.batch.together", lambda *_: None)
    assert found == kept(request)
