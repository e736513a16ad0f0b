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
