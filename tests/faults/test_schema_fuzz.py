"""Every request that LangSmith's OpenAPI document describes and that is served here, with one part
of it hostile: a 4xx, a 501 that names what is not served, or an answer; never a failure.

``schemas/requests.json`` has the parts of these requests as the document describes them, its
references resolved. The requests are made here and not by schemathesis, which needs 15 packages
more, one of them compiled, and takes minutes: of its 1,900 requests none was refused by less than
the schema, since it knows no stored id and no dotted order. Those made here begin with right ones.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from helpers.testing.faults import case
from tests.faults.readers import opened, run, unread

REASON = "Hypothesis is missing: python -m pip install -r requirements.txt"
hypothesis = pytest.importorskip("hypothesis", reason=REASON)
st = pytest.importorskip("hypothesis.strategies", reason=REASON)

SCHEMAS = Path(__file__).resolve().parents[1] / "langsmith_local" / "schemas"
REQUESTS: dict[str, dict[str, Any]] = json.loads((SCHEMAS / "requests.json").read_text("utf-8"))
HELD = "an answer, a 4xx or a 501, and everything still reads"

DEEP = json.loads("[" * 300 + "]" * 300)
HOSTILE = st.sampled_from(
    [None, True, -1, 0, 2**63, 2**64, 1e300, -0.0, float("nan"), "", "\0", "\ud800", "9" * 5_000]
    + [[], {}, [None], [[]], {"": {}}, DEEP, {"a": DEEP}, ["x"] * 300, "x" * 30_000, "%", "../.."]
    + ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "WzEsIDJd", "e30=", "a\nb", "\x7f"]
    + ['and(neq(metadata_key),eq(name,"x"))', "has(metadata,'{\"a\":NaN}')", 'eq(name,"\\ud800")']
)
FILTERS = ['eq(run_type, "llm")', "gt(latency, 0.1)", 'has(tags, "a")', 'search("H")', ""]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with opened(tmp_path_factory.mktemp("fuzz")) as client:
        yield client


@pytest.fixture
def known(client: TestClient) -> dict[str, Any]:
    """Ids of what is stored in a new project, by the names of the parts that take them."""
    name = str(uuid.uuid4())
    good = run(session_name=name)
    child = run(good, session_name=name)
    assert client.post("/runs/batch", json={"post": [good, child]}).status_code == 202
    mark = client.post("/feedback", json={"run_id": good["id"], "key": "k", "score": 1}).json()
    project = client.get("/sessions", params={"name": name}).json()[0]["id"]
    ids = dict.fromkeys(("session", "session_id", "project_id", "project_ids"), project)
    ids |= dict.fromkeys(("run_id", "trace_id", "trace", "run"), good["id"])
    return ids | {"feedback_id": mark["id"], "thread_id": "one"}


def fitting(schema: Any, name: str, known: dict[str, Any]) -> Any:
    """Return a strategy for what the schema describes; ids are mostly those of what is stored."""
    schema = schema if isinstance(schema, dict) else {}
    for joined in ("anyOf", "oneOf"):
        if joined in schema:
            return st.one_of([fitting(one, name, known) for one in schema[joined]])
    if "allOf" in schema:
        return fitting(schema["allOf"][0], name, known)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if name.endswith("filter"):
        return st.sampled_from(FILTERS)
    if name in known and schema.get("type") == "string":
        return st.just(known[name])
    match schema.get("type"):
        case "object":
            return _object(schema.get("properties", {}), known)
        case "array":
            return st.lists(fitting(schema.get("items"), name, known), max_size=2)
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 50))
        case "number":
            return st.floats(-10, 10)
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    forms = {
        "uuid": st.uuids().map(str),
        "date-time": st.datetimes().map(lambda one: one.replace(year=2026).isoformat() + "Z"),
    }
    return forms.get(schema.get("format", ""), st.text(max_size=5))


def _object(properties: dict[str, Any], known: dict[str, Any]) -> Any:
    optional = {name: fitting(each, name, known) for name, each in properties.items()}
    return st.fixed_dictionaries({}, optional=optional)


def _spoilt(data: Any, parts: dict[str, Any], names: list[str]) -> None:
    """Put something hostile into one of the parts, or beneath it."""
    name = data.draw(st.sampled_from(names or sorted(parts) or ["x"]), label="hostile part")
    inner = parts.get(name)
    if isinstance(inner, dict) and inner and data.draw(st.booleans()):
        _spoilt(data, inner, sorted(inner))
    elif isinstance(inner, list) and inner and data.draw(st.booleans()):
        inner[0] = data.draw(HOSTILE)
    else:
        parts[name] = data.draw(HOSTILE, label="what is hostile")


def _parameter(value: Any) -> Any:
    """Return a value as a query string can have it: text, repeated where it is a list."""
    if isinstance(value, list):
        return [str(_parameter(one))[:1_000] for one in value[:5]]
    text = value if isinstance(value, str) else json.dumps(value)
    return text[:6_000].encode("utf-8", "replace").decode()


def _body(operation: str, given: Any) -> Any:
    """Return the body with runs that are right where the schema alone cannot make one so."""
    if operation == "POST /runs":
        return run() | given
    if operation == "POST /runs/batch":
        posts = [run() | one for one in given.get("post", []) if isinstance(one, dict)]
        return given | {"post": posts}
    return given


def _send(data: Any, client: TestClient, known: dict[str, Any], operation: str) -> tuple[int, str]:
    method, path = operation.split(" ")
    shape = REQUESTS[operation]
    parts = {
        "path": data.draw(_object(shape.get("path", {}), known)),
        "query": data.draw(_object(shape.get("query", {}), known)),
        "body": _body(operation, data.draw(fitting(shape.get("body"), "", known)))
        if "body" in shape
        else {},
    }
    places = [name for name in ("query", "body", "path") if name in shape]
    place = data.draw(st.sampled_from(places))
    described = shape[place] if place != "body" else shape["body"].get("properties", {})
    if isinstance(parts[place], dict):
        _spoilt(data, parts[place], sorted(described))
    for name in shape.get("path", {}):
        value = _parameter(parts["path"].get(name, known.get(name, str(uuid.uuid4()))))
        text = value if isinstance(value, str) else "".join(value)
        quoted = "".join(f"%{byte:02X}" for byte in text.encode()[:2_000])
        path = path.replace(f"{{{name}}}", quoted)
    content = json.dumps(parts["body"]).encode() if "body" in shape else None
    query = {name: _parameter(value) for name, value in parts["query"].items()}
    got = client.request(method, path, params=query, content=content)
    return got.status_code, got.text[:400]


@pytest.mark.parametrize(
    "operation",
    [case(each, broken=f"{each} with a hostile part", holds=HELD) for each in sorted(REQUESTS)],
)
def test_a_request_of_the_schema_with_a_hostile_part(client, known, operation):
    @hypothesis.given(st.data())
    @hypothesis.settings(
        max_examples=20,
        derandomize=True,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def holds(data: Any) -> None:
        status, text = _send(data, client, known, operation)
        assert status < 500 or status == 501, (status, text)

    holds()
    if operation != "DELETE /api/v1/sessions/{session_id}":
        assert unread(client, id=known["session_id"]) == []
