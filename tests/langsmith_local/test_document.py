"""The check of answers against LangSmith's document sees what is wrong, and says where."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import requests

from tests.langsmith_local.document import IMPOSSIBLE, PLACE, Answers, Document, document

RUN = {
    "id": "0f9b3c1e-0000-4000-8000-000000000001",
    "trace_id": "0f9b3c1e-0000-4000-8000-000000000001",
    "session_id": "0f9b3c1e-0000-4000-8000-000000000002",
    "name": "define",
    "run_type": "llm",
    "status": "success",
    "dotted_order": "20260101T000000000000Z0f9b3c1e-0000-4000-8000-000000000001",
    "app_path": "/o/x",
    "start_time": "2026-01-01T00:00:00.000000",
}


@pytest.fixture
def known() -> Document:
    found = document()
    if found is None:
        pytest.skip(f"LangSmith's OpenAPI document is not at {PLACE}")
    return found


def fault(known: Document, where: str, body: Any, status: int = 200) -> str:
    method, path = where.split(" ", 1)
    return known.fault(method, path, status, json.dumps(body).encode()) or ""


def test_an_answer_that_agrees_is_not_told(known):
    for path in ("/runs/x", "/api/v1/runs/x"):
        assert fault(known, f"GET {path}", RUN) == ""
    assert fault(known, "GET /v2/threads/a/b/stats", {"turns": 1}) == ""
    assert fault(known, "POST /runs/batch", {"error": "no"}, 422) == ""


@pytest.mark.parametrize(
    ("where", "body", "status", "said"),
    [
        ("GET /runs/x", RUN | {"id": "me"}, 200, r"\$.id: 'me' is not a 'uuid'"),
        ("GET /runs/x", RUN | {"start_time": "soon"}, 200, "is not a 'date-time'"),
        ("GET /runs/x", RUN | {"execution_order": None}, 200, "execution_order: None"),
        ("GET /runs/x", RUN | {"colour": "red"}, 200, "'colour' was unexpected"),
        ("GET /v2/runs/x", {"start_time": RUN["start_time"]}, 200, "is not a 'date-time'"),
        ("GET /api/v2/runs/x", {"detail": []}, 404, "is not of type 'string'"),
        ("GET /sessions", {"detail": "text"}, 422, "is not of type 'array'"),
        ("GET /sessions", {"error": "text"}, 404, "error"),
        ("POST /runs", {"detail": [{}]}, 422, "was unexpected"),
        ("GET /weather", {}, 200, "no such operation"),
        ("GET /sessions", {"detail": "text"}, 418, "does not list this status"),
    ],
)
def test_an_answer_that_does_not_agree_is_told_with_its_place(known, where, body, status, said):
    found = fault(known, where, body, status)
    assert found.startswith(where.replace("/api/v2", "/v2")) and said.replace("\\", "") in found


def test_every_answer_of_a_service_is_looked_at(known, answers_of_the_document, service):
    assert isinstance(answers_of_the_document, Answers)
    before = answers_of_the_document.count
    requests.get(f"{service}/sessions", timeout=30)
    requests.get(f"{service}/none", timeout=30)
    assert answers_of_the_document.count == before + 2


def test_what_is_said_to_be_impossible_is_so(known):
    schemas = known.content["components"]["schemas"]
    validator = jsonschema.Draft202012Validator
    for status, path in [key for key in IMPOSSIBLE if key[0] == "202"]:
        method = "patch" if "{" in path else "post"
        answer = known.content["paths"][path][method]["responses"][status]
        schema = answer["content"]["application/json"]["schema"]
        for value in ("text", {}):
            assert not validator(schema).is_valid({"message": value})
    assert schemas["query.RunResponse"]["properties"]["thread_id"]["format"] == "uuid"
    assert "manifest" in schemas["RunSelect"]["enum"]
    for _, place in [key for key in IMPOSSIBLE if key[0] == "field"]:
        name, _, field = place.rpartition(".")
        original = json.loads(PLACE.read_text("utf-8"))["components"]["schemas"][name]
        assert field not in original["properties"]
    assert schemas["RunSchema"]["properties"]["start_time"]["format"] == "date-time"
