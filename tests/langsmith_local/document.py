"""Holds every answer of the service under test against LangSmith's OpenAPI document.

The document is not part of the repository: it is looked for beside it, and where it is not there
nothing is checked. What it says and cannot be so is listed here, one by one, each with its reason.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from helpers.langsmith_local.state import State

ROOT = Path(__file__).resolve().parents[2]
BESIDE = ROOT.parent / "shared" / "reference" / "langsmith-openapi.json"
# No name like TUTORIAL_… or LANGSMITH_…: tests do not see those.
PLACE = Path(os.environ.get("OPENAPI_DOCUMENT") or BESIDE)

METHODS = ("get", "post", "put", "patch", "delete")
#: Schemas and formats that no answer can fit.
IMPOSSIBLE = {
    ("date-time", "v1"): "LangSmith's v1 sends times without an offset (SDK pull request 2555), "
    "which RFC 3339 does not allow",
    ("uuid", "v2 thread_id"): "a thread's id is any text that a client gives as metadata",
    ("open", "query.RunEvent"): "an event has what its sender gave it",
    ("202", "/runs"): "each field would have to be a text and an object at once (allOf)",
    ("202", "/runs/batch"): "the same",
    ("202", "/runs/{run_id}"): "the same",
    ("field", "RunSchema.manifest"): "RunSelect has it and RunSchema has not: it can be selected",
    (
        "field",
        "threads.ThreadTraceListItem.turn_number",
    ): "newer: the SDK 0.15 selects and reads it",
    ("field", "threads.ThreadTraceListItem.inputs"): "newer: the same",
    ("field", "threads.ThreadTraceListItem.outputs"): "newer: the same",
    ("field", "threads.ThreadTraceListItem.error"): "newer: the same",
    ("field", "threads.QuerySingleThreadStatsResponseBody.feedback_stats"): "newer: the same",
}
#: What is served and the document does not have.
BEYOND = {
    r"GET /v2/runs/[^/]+/url": "newer than the document: types of the Python SDK 0.15",
    r"POST /v2/traces/query": "newer than the document: types of the Python SDK 0.15",
    r"GET (/api/v1)?/attachments/.*": "stands for LangSmith's storage, which has other addresses",
}
#: Statuses that the document leaves out: FastAPI lists no error but the 422.
UNLISTED = {
    400: "a filter that cannot be read",
    401: "no key",
    403: "another site's page",
    404: "the SDKs have an error of their own for it",
    405: "another method",
    409: "a project's name is taken (SDK issue 814)",
    413: "a bound of ours",
    415: "a content encoding that is not taken",
    422: "ingestion and v2 answer it too",
    431: "a bound of ours",
    500: "a failure",
    501: "a route that is not served here",
    503: "the database is locked",
    507: "the disk is full",
}


class Document:
    """LangSmith's OpenAPI document, with which an answer agrees or not."""

    def __init__(self, text: str) -> None:
        self.content = json.loads(text)
        for name, schema in self.content["components"]["schemas"].items():
            if ("open", name) in IMPOSSIBLE:
                del schema["properties"]
            elif "properties" in schema:
                schema.setdefault("additionalProperties", False)
        for _, place in (key for key in IMPOSSIBLE if key[0] == "field"):
            name, _, added = place.rpartition(".")
            self.content["components"]["schemas"][name]["properties"][added] = {}
        paths = sorted(self.content["paths"], key=lambda path: path.count("{"))
        self.patterns = [(path, _pattern(path)) for path in paths]
        self.validators: dict[tuple[str, str, str], jsonschema.Draft202012Validator] = {}

    def fault(self, method: str, path: str, status: int, body: bytes) -> str | None:
        """Return what is wrong with an answer, None when it agrees."""
        if path == "/" or path.startswith("/o/"):
            return None  # a page
        path = re.sub(r"^/api/v2/", "/v2/", path)
        said = f"{method} {path} {status}"
        if any(re.fullmatch(known, f"{method} {path}", re.S) for known in BEYOND) and status < 400:
            return None
        template = self.template(method, path)
        if template is None and status < 400:
            return f"{said}: the document has no such operation"
        try:
            content = json.loads(body) if body else None
        except ValueError:
            return f"{said}: the answer is no JSON"
        listed = self.content["paths"][template][method.lower()]["responses"] if template else {}
        if str(status) in listed and (str(status), template) in IMPOSSIBLE:
            return None
        if str(status) in listed:
            schema = listed[str(status)].get("content", {}).get("application/json", {})
            return self.wrong(said, content, schema.get("schema", {}), path)
        if status not in UNLISTED:
            return f"{said}: the document does not list this status"
        return self.wrong(said, content, self.error(method, path, status), path)

    def error(self, method: str, path: str, status: int) -> dict[str, Any]:
        """Return the schema of an error that the document does not list for its route."""
        if path.startswith("/v2/"):
            return {"$ref": "#/components/schemas/shared.ProblemDetails"}
        ingests = method == "PATCH" or path.removeprefix("/api/v1").startswith("/runs")
        if status == 422 and not ingests:
            return {"$ref": "#/components/schemas/HTTPValidationError"}
        texts = {"properties": {"detail": {"type": "string"}}, "required": ["detail"]}
        texts["additionalProperties"] = False
        errors = [{"$ref": "#/components/schemas/runs.ErrorResponse"}] if ingests else []
        return {"anyOf": [texts, *errors]}

    def template(self, method: str, path: str) -> str | None:
        """Return the path of the document that a path of the service is."""
        bare = path.removeprefix("/api/v1")
        for each in dict.fromkeys((bare, path, f"/api/v1{bare}")):
            for template, pattern in self.patterns:
                operations = self.content["paths"][template]
                if method.lower() in operations and pattern.fullmatch(each):
                    return template
        return None

    def wrong(self, said: str, content: Any, schema: dict[str, Any], path: str) -> str | None:
        """Return where and why ``content`` does not fit ``schema``."""
        components = {"components": self.content["components"]}
        checker = V2 if path.startswith("/v2/") else V1
        validator = jsonschema.Draft202012Validator(schema | components, format_checker=checker)
        for error in validator.iter_errors(content):
            if error.validator == "format" and list(error.path)[-1:] == ["thread_id"]:
                continue
            return f"{said}: {error.json_path}: {error.message[:300]}"
        return None


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\})", path)
    free = {"{thread_id}": "(?s:.*)"}
    return re.compile(
        "".join(free.get(part, "[^/]+") if part[:1] == "{" else re.escape(part) for part in parts)
    )


def _formats(offset: bool) -> jsonschema.FormatChecker:
    checker = jsonschema.FormatChecker(formats=["uuid"])

    @checker.checks("date-time", raises=ValueError)
    def date_time(value: object) -> bool:
        if not isinstance(value, str):
            return True
        given = datetime.fromisoformat(value)
        return given.tzinfo is not None or not offset

    return checker


V1, V2 = _formats(offset=False), _formats(offset=True)


@functools.cache
def document() -> Document | None:
    """Return the document, None where it is not there."""
    return Document(PLACE.read_text("utf-8")) if PLACE.is_file() else None


class Answers:
    """Listens to the applications that are a local LangSmith; ``faults`` are what it found."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0
        self.faults: list[str] = []

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a ``Starlette.__call__`` that looks at what ``call`` sends."""

        async def listening(app: Starlette, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not isinstance(getattr(app.state, "kept", None), State):
                return await call(app, scope, receive, send)
            status, body = 0, bytearray()

            async def sending(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                body.extend(message.get("body", b""))
                last = message["type"] == "http.response.body" and not message.get("more_body")
                if last and scope["method"] not in ("HEAD", "OPTIONS"):
                    self.look(scope["method"], scope["path"], status, bytes(body))
                await send(message)

            await call(app, scope, receive, sending)

        return listening

    def look(self, method: str, path: str, status: int, body: bytes) -> None:
        """Take note of an answer."""
        self.count += 1
        fault = self.document.fault(method, path, status, body)
        if fault is not None:
            self.faults.append(fault)


@pytest.fixture(autouse=True)
def answers_of_the_document(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers | None]:
    """Every answer of a local LangSmith during a test agrees with LangSmith's document."""
    known = document()
    if known is None:
        yield None
        return
    answers = Answers(known)
    monkeypatch.setattr(Starlette, "__call__", answers.around(Starlette.__call__))
    yield answers
    if answers.faults:
        pytest.fail(
            "Answers that LangSmith's document does not allow:\n" + "\n".join(answers.faults)
        )
