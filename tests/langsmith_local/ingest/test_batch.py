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
    together, alone = (multipart(changing(run, alone=value)).patches for value in (False, True))
    assert together == alone != []


@pytest.mark.parametrize(
    "wrong",
    [
        {"parent_run_id": None},
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
