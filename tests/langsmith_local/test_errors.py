"""A refusal takes the shape that belongs to its route."""

from __future__ import annotations

import json

import pytest
from starlette.requests import Request

from helpers.langsmith_local.errors import Refusal, refuse


def refused(path: str, error: Refusal) -> tuple[str, dict[str, object]]:
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    answer = refuse(Request(scope), error)
    return answer.headers["content-type"], json.loads(bytes(answer.body))


@pytest.mark.parametrize("key", ["detail", "error"])
def test_v1_tells_the_message_under_the_key_of_the_refusal(key):
    kind, content = refused("/api/v1/runs", Refusal(404, "Run not found", key=key))
    assert (kind, content) == ("application/json", {key: "Run not found"})


@pytest.mark.parametrize("path", ["/api/v2/runs/query", "/v2/runs/query"])
def test_v2_tells_it_as_problem_details(path):
    kind, content = refused(path, Refusal(404, "Run not found"))
    assert kind == "application/problem+json"
    assert (content["status"], content["title"], content["detail"]) == (
        404,
        "Not Found",
        "Run not found",
    )


def test_a_refusal_can_be_read_as_an_exception():
    assert str(Refusal(404, "Run not found")) == "Run not found"
