"""Every request that LangSmith's OpenAPI document describes and that is served here, with one part
of it hostile: an answer, a 4xx, or a 501 that names what is not served; never a failure.

``schemas/requests.json`` has the parts of these requests as the document describes them, with its
references resolved. The requests are made here and not by schemathesis, which needs 15 packages
more, one of them compiled, and takes minutes; and it stops at the door, since it knows no stored id
and no dotted order. Those made here are right but for one part.
"""

from __future__ import annotations

import itertools
import json
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from helpers.testing.faults import case
from tests.faults.readers import opened, run, unread

SCHEMAS = Path(__file__).resolve().parents[1] / "langsmith_local" / "schemas"
REQUESTS: dict[str, dict[str, Any]] = json.loads((SCHEMAS / "requests.json").read_text("utf-8"))
HELD = "an answer, a 4xx or a 501, and everything still reads"
TRIES = 8  # of each part

DEEP = json.loads("[" * 300 + "]" * 300)
ODD = [
    *(None, True, -1, 0, 2**63, 2**64, 1e300, -0.0, float("nan"), "", "\0", "\ud800", "inf"),
    *([], {}, [None], [[]], {"": {}}, DEEP, {"a": DEEP}, ["x"] * 300, "x" * 5_000, "9" * 5_000),
    *("%", "../..", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "a\nb", "\x7f"),
]
CURSORS = [
    "e30=",
    "WzEsIDJd",
    "W10=",
    "WzE4NDQ2NzQ0MDczNzA5NTUxNjE2LCAieCJd",
    "WzEsICJcdWQ4MDAiXQ==",
]
FILTERS = ['eq(run_type, "llm")', "gt(latency, 0.1)", 'has(tags, "a")', 'search("H")', ""]
ODD_FILTERS = [
    *('and(neq(metadata_key),eq(name,"x"))', "has(metadata,'{\"a\":NaN}')", 'eq(name,"\\ud800")'),
    *('and(eq(metadata_key,"a","b"),eq(metadata_value,"c"))', "gt(latency,1e999)", "(" * 3_000),
    *('has(metadata,\'{"a":' + "[" * 3_000 + "]" * 3_000 + "}')", 'in(tags,["a"],"b")', "eq(id)"),
]
USAGE = [{"total_cost": "inf"}, {"total_tokens": 1e300}, {"input_tokens": 2**63}]


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
    ids |= {"feedback_id": mark["id"], "thread_id": "one", "key": "k", "name": str(uuid.uuid4())}
    return ids | {"session_name": name, "min_start_time": "2000-01-01T00:00:00Z"}


class Requests:
    """Requests of one operation, the same in each run; ``known`` has values of parts by name."""

    def __init__(self, operation: str, known: dict[str, Any]) -> None:
        self.method, self.path = operation.split(" ")
        self.shape, self.known = REQUESTS[operation], known
        self.dice = random.Random(operation)

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield path and options of requests, each with one part that is hostile."""
        for place in ("path", "query", "body"):
            described = self.shape.get(place, {})
            described = described.get("properties", {}) if place == "body" else described
            for name, _ in itertools.product(sorted(described), range(TRIES)):
                parts = self.parts()
                self.spoil(parts[place], name)
                yield self.request(parts)

    def parts(self) -> dict[str, dict[str, Any]]:
        """Return parts of which each fits."""
        made = {
            place: {
                name: self.fitting(schema, name)
                for name, schema in self.shape.get(place, {}).items()
                if place == "path" or name in self.known or self.dice.random() < 0.2
            }
            for place in ("path", "query")
        }
        body = self.fitting(self.shape.get("body", {"type": "object"}), "")
        if self.path in ("/runs", "/runs/{run_id}") and self.method != "GET":
            body = run(session_name=self.known["session_name"])
        if self.path == "/runs/batch":
            body = {"post": [run(session_name=self.known["session_name"])], "patch": []}
        return {**made, "body": body}

    def fitting(self, schema: Any, name: str) -> Any:
        """Return a value that the schema describes."""
        for joined in ("anyOf", "oneOf", "allOf"):
            if joined in schema:
                return self.fitting(self.dice.choice(schema[joined]), name)
        kind = schema.get("type")
        if kind == "object":
            inner = schema.get("properties", {})
            names = [n for n in inner if n in self.known or self.dice.random() < 0.2]
            return {each: self.fitting(inner[each], each) for each in names}
        if kind == "array":
            return [
                self.fitting(schema.get("items", {}), name) for _ in range(self.dice.choice((1, 2)))
            ]
        if "enum" in schema:
            return self.dice.choice(schema["enum"])
        if kind in ("integer", "number"):
            return self.dice.randint(int(schema.get("minimum", 0)), int(schema.get("maximum", 50)))
        if kind in ("boolean", "null"):
            return self.dice.choice((True, False)) if kind == "boolean" else None
        if name.endswith("filter"):
            return self.dice.choice(FILTERS)
        if schema.get("format") == "date-time":
            return self.known.get(name, "2026-06-01T00:00:00Z")
        return self.known.get(name, str(uuid.uuid4()) if schema.get("format") == "uuid" else "x")

    def spoil(self, parts: dict[str, Any], name: str) -> None:
        """Make the part of this name hostile, or one beneath it."""
        inner = parts.get(name)
        if name == "cursor" and self.dice.random() < 0.7:
            parts[name] = self.dice.choice(CURSORS)
        elif name.endswith("filter") and self.dice.random() < 0.7:
            parts[name] = self.dice.choice(ODD_FILTERS)
        elif name == "outputs" and self.dice.random() < 0.4:
            parts[name] = {"usage_metadata": self.dice.choice(USAGE)}
        elif isinstance(inner, dict) and inner and self.dice.random() < 0.5:
            self.spoil(inner, self.dice.choice(sorted(inner)))
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            self.spoil(inner[0], self.dice.choice(sorted(inner[0])))
        else:
            parts[name] = self.dice.choice(ODD)

    def request(self, parts: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the path, quoted, and what else httpx needs of a request with these parts."""
        path = self.path
        for name in self.shape.get("path", {}):
            quoted = "".join(
                f"%{byte:02X}" for byte in "".join(_texts(parts["path"][name])).encode()
            )
            path = path.replace(f"{{{name}}}", quoted)
        options: dict[str, Any] = {"params": {n: _texts(v) for n, v in parts["query"].items()}}
        if "body" in self.shape:
            options["content"] = json.dumps(parts["body"]).encode()
        return path, options


def _texts(value: Any) -> list[str]:
    """Return a value as a query string has it: texts, several where it is a list."""
    if isinstance(value, list):
        return [text for one in value[:3] for text in _texts(one)]
    text = value if isinstance(value, str) else json.dumps(value)[:6_000]
    return [text.encode("utf-8", "replace").decode()]


@pytest.mark.parametrize(
    "operation",
    [case(each, broken=f"{each} with a hostile part", holds=HELD) for each in sorted(REQUESTS)],
)
def test_a_request_of_the_schema_with_a_hostile_part(client, known, operation):
    requests = Requests(operation, known)
    failed, answered = [], set()
    for path, options in requests:
        got = client.request(requests.method, path, **options)
        answered.add(got.status_code)
        if got.status_code >= 500 and got.status_code != 501:
            failed.append(f"{got.text[:300]} {str(options)[:300]}")
    assert failed == [], len(failed)
    assert any(400 <= status < 500 for status in answered)
    if operation != "DELETE /api/v1/sessions/{session_id}":
        assert unread(client, id=known["session_id"]) == []
