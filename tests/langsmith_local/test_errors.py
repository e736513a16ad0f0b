"""A refusal takes the shape that belongs to its route."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.requests import Request

from helpers.langsmith_local.errors import Refusal, refuse


def refused(
    path: str, error: Refusal, *, method: str = "GET", query: bytes = b"", **ids: str
) -> tuple[str, dict[str, Any]]:
    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": query}
    answer = refuse(Request(scope | {"path_params": ids}), error)
    return answer.headers["content-type"], json.loads(bytes(answer.body))


def test_where_runs_are_taken_in_the_message_has_a_name_of_its_own():
    error = Refusal(400, "Bad request", key="error")
    said = "application/json", {"error": "Bad request"}
    for path in ("/runs", "/api/v1/runs/batch", "/runs/multipart"):
        assert refused(path, error, method="POST") == said
    assert refused("/api/v1/runs/me", error, method="PATCH") == said


@pytest.mark.parametrize(("method", "path"), [("GET", "/runs/me"), ("POST", "/sessions")])
def test_elsewhere_in_v1_it_is_the_detail(method, path):
    for error in (Refusal(400, "No"), Refusal(400, "No", key="error")):
        assert refused(path, error, method=method) == ("application/json", {"detail": "No"})


@pytest.mark.parametrize(
    ("method", "query", "ids", "place"),
    [
        ("GET", b"", {}, ["query", "name"]),
        ("GET", b"", {"name": "x"}, ["path", "name"]),
        ("POST", b"", {}, ["body", "name"]),
        ("POST", b"name=1", {}, ["query", "name"]),
    ],
)
def test_what_is_wrong_with_a_field_is_listed_with_its_place(method, query, ids, place):
    error = Refusal(422, "name: must be text", field="name")
    _, content = refused("/sessions", error, method=method, query=query, **ids)
    said = {"loc": place, "msg": "name: must be text", "type": "value_error"}
    assert content == {"detail": [said]}


def test_what_is_not_served_is_not_to_be_asked_again():
    scope = {"type": "http", "method": "GET", "path": "/v2/x", "headers": [], "query_string": b""}
    assert refuse(Request(scope), Refusal(501, "no")).headers["x-should-retry"] == "false"
    assert "x-should-retry" not in refuse(Request(scope), Refusal(404, "no")).headers


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
