"""Bad input to the local LangSmith: a 4xx that names the field, and everything still reads."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from helpers.testing.faults import case
from tests.faults.readers import opened, run, unread

DEEP = json.loads("[" * 300 + "]" * 300)
BIG, HUGE = 2**63, 10**400
ZERO = "0001-01-01T00:00:00+23:59"
LAST = "9999-12-31T23:59:59-23:59"
REFUSED = "a 4xx that names it, and everything still reads"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with opened(tmp_path_factory.mktemp("input")) as client:
        good = run()
        child = run(good, name="child")
        assert client.post("/runs/batch", json={"post": [good, child]}).status_code == 202
        scored = {"run_id": good["id"], "key": "correct", "score": 1}
        assert client.post("/feedback", json=scored).status_code == 200
        yield client


@pytest.fixture
def refused(service: TestClient) -> Iterator[Callable[..., None]]:
    """Assert that a request is refused and that its answer names something.

    What is no JSON has no fields, and is named by its place in the body.
    """

    def check(named: str, method: str, path: str, **options: Any) -> None:
        got = service.request(method, path, **options)
        assert 400 <= got.status_code < 500, (got.status_code, got.text[:300])
        place = "column" if "invalid batch JSON: " in got.text else named
        place = named if "schema error" in got.text else place
        assert place.lower() in got.text.lower(), got.text[:500]

    yield check
    assert unread(service) == []


def written(value: Any) -> dict[str, Any]:
    """Return a body with what JSON has no form for, as a client in another language writes it."""
    text = json.dumps(value, ensure_ascii=True)
    return {"content": text.encode(), "headers": {"content-type": "application/json"}}


RUN_FIELDS = [
    *[
        case(field, value, broken=f"{field} is {told}", holds=REFUSED)
        for field in ("start_time", "end_time")
        for told, value in (
            ("the first day, east", ZERO),
            ("the last day, west", LAST),
            ("1e300", 1e300),
            ("a word", "soon"),
        )
    ],
    case("start_time", float("nan"), broken="start_time is NaN", holds=REFUSED),
    case("start_time", float("inf"), broken="start_time is infinite", holds=REFUSED),
    case("start_time", -HUGE, broken="start_time has 400 digits", holds=REFUSED),
    case("name", "a\0b", broken="a name with NUL", holds=REFUSED),
    case("name", "x" * 2_000, broken="a name of 2,000 characters", holds=REFUSED),
    case("session_name", "x" * 2_000, broken="a project of 2,000 characters", holds=REFUSED),
    case("session_name", "a\0", broken="a project with NUL", holds=REFUSED),
    case("name", "\ud800", broken="a name that is a lone surrogate", holds=REFUSED),
    case("inputs", {"a": DEEP}, broken="inputs 300 deep", holds=REFUSED),
    case("outputs", {"a": DEEP}, broken="outputs 300 deep", holds=REFUSED),
    case("extra", {"metadata": {"a": DEEP}}, broken="metadata 300 deep", holds=REFUSED),
    case("events", [{"a": DEEP}], broken="events 300 deep", holds=REFUSED),
    case("serialized", {"a": DEEP}, broken="serialized 300 deep", holds=REFUSED),
    case("execution_order", {}, broken="execution_order is an object", holds=REFUSED),
    case("execution_order", BIG, broken="execution_order beyond 64 bits", holds=REFUSED),
    case("trace_id", "not-a-uuid", broken="trace_id is no UUID", holds=REFUSED),
    case("dotted_order", "x" * 10**5, broken="dotted_order of 100,000 letters", holds=REFUSED),
    case("tags", [1], broken="a tag that is a number", holds=REFUSED),
    case("run_type", "wizard", broken="a kind that there is not", holds=REFUSED),
]


@pytest.mark.parametrize(("field", "value"), RUN_FIELDS)
def test_a_field_of_a_run(refused, field, value):
    refused(field, "POST", "/runs/batch", **written({"post": [run(**{field: value})]}))


USAGE = [
    case(name, value, broken=f"{name} is {told}", holds=REFUSED)
    for name in ("total_cost", "total_tokens")
    for told, value in (
        ("the text inf", "inf"),
        ("1e300", 1e300),
        ("beyond 64 bits", BIG),
        ("of 400 digits", HUGE),
        ("the text nan", "nan"),
    )
]


@pytest.mark.parametrize(("name", "value"), USAGE)
def test_usage_that_no_sum_survives(refused, name, value):
    outputs = {"usage_metadata": {name: value}}
    refused("usage_metadata", "POST", "/runs/batch", **written({"post": [run(outputs=outputs)]}))


FEEDBACK = [
    case("score", BIG, broken="a score beyond 64 bits", holds=REFUSED),
    case("score", 1e300, broken="a score of 1e300", holds=REFUSED),
    case("score", {}, broken="a score that is an object", holds=REFUSED),
    case("value", DEEP, broken="a feedback value 300 deep", holds=REFUSED),
    case("key", "a\0", broken="a feedback key with NUL", holds=REFUSED),
    case("key", 3, broken="a feedback key that is a number", holds=REFUSED),
    case("created_at", "0000-01-01T00:00:00Z", broken="feedback of the year 0", holds=REFUSED),
    case("created_at", LAST, broken="feedback of the last day, west", holds=REFUSED),
    case("run_id", "x", broken="feedback on no UUID", holds=REFUSED),
    case("comment", 3, broken="a comment that is a number", holds=REFUSED),
]


@pytest.mark.parametrize(("field", "value"), FEEDBACK)
def test_a_field_of_feedback(refused, service, field, value):
    given = {"run_id": run()["id"], "key": "correct", "score": 1} | {field: value}
    refused(field, "POST", "/feedback", **written(given))


def cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


QUERIES = [
    *[
        case("filter", text, broken=f"the filter {told}", holds=REFUSED)
        for told, text in (
            ("with a key without value", 'and(neq(metadata_key),eq(name,"x"))'),
            ("with a key of two values", 'and(eq(metadata_key,"a","b"),eq(metadata_value,"c"))'),
            ("with NaN in JSON", "has(metadata,'{\"a\":NaN}')"),
            ("3,000 deep", "and(" * 3_000 + 'eq(name,"x")' + ")" * 3_000),
            ("of 100,000 letters", f'eq(name,"{"x" * 10**5}")'),
            ("with a number of 400 digits", f"gt(total_tokens,{HUGE})"),
            ("with a time of the year 0", 'gt(start_time,"0000-01-01T00:00:00Z")'),
            ("that is a number", 3),
            ("that is not closed", 'eq(name,"x"'),
        )
    ],
    *[
        case("cursor", value, broken=f"a cursor that is {told}", holds=REFUSED)
        for told, value in (
            ("no base64", "!!!"),
            ("an object", cursor({})),
            ("three values", cursor([1, "a", 2])),
            ("beyond 64 bits", cursor([BIG, "a"])),
            ("a lone surrogate", cursor([1, "\ud800"])),
            ("very deep", base64.urlsafe_b64encode(b"[" * 10**5).decode()),
        )
    ],
    case("limit", 10**6, broken="a limit of a million", holds=REFUSED),
    case("limit", -1, broken="a limit below one", holds=REFUSED),
    case("id", ["x"], broken="an id that is no UUID", holds=REFUSED),
    case("order", "sideways", broken="an order that there is not", holds=REFUSED),
    case("select", 3, broken="a select that is a number", holds=REFUSED),
    case("start_time", ZERO, broken="a window from the first day, east", holds=REFUSED),
    case("run_type", "wizard", broken="a query for a kind that there is not", holds=REFUSED),
]


@pytest.mark.parametrize(("field", "value"), QUERIES)
def test_a_part_of_a_query(refused, service, field, value):
    (project,) = service.get("/sessions", params={"name": "good"}).json()
    named = "Filter" if field == "filter" and isinstance(value, str) else field
    refused(named, "POST", "/runs/query", **written({"session": [project["id"]], field: value}))


PARAMETERS = [
    case("/sessions?limit=x", "limit", broken="a list with a limit in letters", holds=REFUSED),
    case("/sessions?limit=" + "9" * 5_000, "limit", broken="one of 5,000 digits", holds=REFUSED),
    case("/sessions?offset=-1", "offset", broken="an offset below zero", holds=REFUSED),
    case("/sessions?id=x", "UUID", broken="a list of projects by no UUID", holds=REFUSED),
    case("/sessions/x", "UUID", broken="a project by no UUID", holds=REFUSED),
    case("/runs/x", "run_id", broken="a run by no UUID", holds=REFUSED),
    case("/feedback?run=x", "UUID", broken="feedback by no UUID", holds=REFUSED),
    case("/feedback/x", "UUID", broken="one feedback by no UUID", holds=REFUSED),
]


@pytest.mark.parametrize(("path", "named"), PARAMETERS)
def test_a_parameter(refused, path, named):
    refused(named, "GET", path)


def part(head: str, content: bytes = b"x") -> dict[str, Any]:
    body = b"--B\r\n" + head.encode("latin-1") + b"\r\n\r\n" + content + b"\r\n--B--"
    return {"content": body, "headers": {"content-type": "multipart/form-data; boundary=B"}}


ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
NAMED = 'Content-Disposition: form-data; name="attachment.{}.{}"\r\nContent-Type: {}; length={}'
PARTS = [
    case(
        NAMED.format(ID, "a", "text/plain", "9" * 5_000),
        broken="a length of 5,000 digits",
        holds=REFUSED,
    ),
    case(NAMED.format(ID, "a", "text/plain", "-1"), broken="a length below zero", holds=REFUSED),
    case(NAMED.format(ID, "a", "text/\0plain", 1), broken="a type with NUL", holds=REFUSED),
    case(NAMED.format(ID, "a\0b", "text/plain", 1), broken="an attachment with NUL", holds=REFUSED),
    case(
        NAMED.format(ID, "n" * 2_000, "text/plain", 1), broken="one of 2,000 letters", holds=REFUSED
    ),
    case(NAMED.format("x", "a", "text/plain", 1), broken="an attachment of no run", holds=REFUSED),
    case(NAMED.format(ID, "a", "text/plain", 7), broken="a part that is cut off", holds=REFUSED),
]


@pytest.mark.parametrize("head", PARTS)
def test_a_part_of_a_body(refused, head):
    refused("attachment", "POST", "/runs/multipart", **part(head))
