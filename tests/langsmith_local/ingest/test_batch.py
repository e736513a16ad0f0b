"""What one request brings, read and checked."""

from __future__ import annotations

import json

import pytest

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest.batch import batch_json, multipart

JSON = "application/json"


def test_a_run_is_put_together_from_its_parts(make_run):
    run = make_run()
    name, inputs = f"post.{run['id']}", b'{"term":  "TCP"}'
    batch = multipart([(name, JSON, json.dumps(run).encode()), (f"{name}.inputs", JSON, inputs)])
    [(read, texts)] = batch.posts
    assert (read["inputs"], texts["inputs"]) == ({"term": "TCP"}, inputs.decode())
    assert (batch.patches, batch.attachments, batch.feedback) == ([], [], [])


def test_a_run_without_its_own_part_is_refused(make_run):
    with pytest.raises(Refusal, match="missing part"):
        multipart([(f"post.{make_run()['id']}.inputs", JSON, b"{}")])


def test_a_batch_of_json_has_posts_and_changes(make_run):
    run = make_run()
    change = {key: run[key] for key in ("id", "trace_id", "dotted_order")} | {"error": "none"}
    batch = batch_json({"post": [run], "patch": [change]})
    assert ([read["id"] for read, _ in batch.posts], batch.patches[0][0]["error"]) == (
        [run["id"]],
        "none",
    )


def changing(run: dict, *, alone: bool, **fields: object) -> list[tuple[str, str, bytes]]:
    """Parts of a request that changes a run, which comes in the same request or has come before."""
    change = run | {"end_time": "2026-01-02T03:04:05Z", **fields}
    sent = {f"post.{run['id']}": run, f"patch.{run['id']}": change}
    return [(name, JSON, json.dumps(value).encode()) for name, value in sent.items()][alone:]


@pytest.mark.parametrize("capitals", [False, True])
def test_a_change_is_read_the_same_with_its_run_and_alone(make_run, capitals):
    run = make_run(make_run())
    if capitals:
        run |= {key: run[key].upper() for key in ("id", "trace_id", "parent_run_id")}
    batch = multipart(changing(run, alone=False))
    [(whole, texts)] = batch.posts
    [(alone, its_texts)] = multipart(changing(run, alone=True)).patches
    assert (batch.patches, list(batch.changed)) == ([], [run["id"].lower()])
    assert (whole, texts) == (whole | alone, texts | its_texts)
    assert whole["end_time"] == alone["end_time"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"parent_run_id": None},
        {"outputs": []},
        {"extra": {"metadata": {"usage_metadata": {"total_tokens": 1e300}}}},
        {"trace_id": None},
        {"trace_id": "00000000-0000-4000-8000-000000000000"},
        {"dotted_order": None},
        {"start_time": "soon"},
        {"run_type": "poem"},
        {"name": 7},
        {"execution_order": True},
        {"tags": "one"},
    ],
)
def test_a_change_is_refused_the_same_with_its_run_and_alone(make_run, wrong):
    run = make_run(make_run(), execution_order=1)
    said = []
    for alone in (False, True):
        with pytest.raises(Refusal) as caught:
            multipart(changing(run, alone=alone, **wrong))
        said.append((caught.value.status, str(caught.value)))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "wrong",
    [{"outputs": []}, {"outputs": {"usage_metadata": {"total_tokens": 1e300}}}, {"error": 7}],
)
def test_what_a_change_replaces_is_refused_all_the_same(make_run, wrong):
    run = make_run()
    parts = changing(run | wrong, alone=False, outputs={}, error="one")
    with pytest.raises(Refusal) as caught:
        multipart(parts)
    with pytest.raises(Refusal) as said:
        multipart(parts[:1])
    assert str(caught.value) == str(said.value)


def test_a_change_before_its_run_is_a_change(make_run):
    run = make_run()
    batch = multipart(changing(run, alone=False)[::-1])
    assert [len(kind) for kind in (batch.posts, batch.patches, batch.changed)] == [1, 1, 0]


def test_what_a_run_lacks_its_change_does_not_give(make_run):
    run = make_run()
    sent = changing(run, alone=False)
    short = json.dumps({key: value for key, value in run.items() if key != "name"}).encode()
    with pytest.raises(Refusal, match=f"post.{run['id']}.name: missing property"):
        multipart([(sent[0][0], JSON, short), sent[1]])
