"""Feedback as it is sent, stored and shown: a score, a value, a comment on a run or a project.

Fields and their kinds are those of FeedbackCreateSchema and FeedbackSchema of LangSmith's OpenAPI
document; times are shown without an offset, as in the sample of its documentation.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Mapping
from typing import Any

import orjson

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ids import uuid_text
from helpers.langsmith_local.parameters import checked
from helpers.langsmith_local.times import microseconds, naive, now
from helpers.langsmith_local.values import json_text, number
from helpers.serving.bounds import FEEDBACK_BYTES

__all__ = ["SOURCES", "changes", "columns", "insert", "shown", "uuid_of"]

MAX_KEY = 180
_IDS = {"id": "id", "run_id": "run_id", "trace_id": "trace_id", "session_id": "project_id"}
_JSON = {
    "value": "value",
    "correction": "correction",
    "feedback_source": "source",
    "extra": "extra",
}
SOURCES = ("api", "model", "app", "auto_eval")
_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "value": ((str, bool, int, float, dict), "a text, a number, true, false or an object"),
    "correction": ((str, dict), "a text or an object"),
    "feedback_source": ((dict,), f"an object with a type: {', '.join(SOURCES)}"),
    "extra": ((dict,), "an object"),
}
_COLUMNS = (
    *_IDS.values(),
    "key",
    "score",
    "comment",
    *_JSON.values(),
    "created_at",
    "modified_at",
)


def columns(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return feedback as sent as values of the table's columns; 422 for a field of a wrong kind."""
    values: dict[str, Any] = {"id": str(uuid.uuid4())}
    for key, column in _IDS.items():
        if given.get(key) is not None:
            values[column] = uuid_of(given[key], key)
    named = given.get("key")
    if not isinstance(named, str) or not 0 < len(named) <= MAX_KEY or "\0" in named:
        raise _wrong("key", f"must be text of 1 to {MAX_KEY} characters, none of them NUL")
    values["key"] = named
    return values | changes(given) | _times(given)


def insert(connection: sqlite3.Connection, values: Mapping[str, Any]) -> None:
    """Write one feedback; one with the same id is replaced. The run gives trace and project."""
    values = dict(values)
    run = connection.execute(
        "SELECT trace_id, project_id FROM runs WHERE id = ?", (values.get("run_id"),)
    ).fetchone()
    if run is not None:
        values["trace_id"], values["project_id"] = run
    marks = ", ".join("?" * len(_COLUMNS))
    connection.execute(
        f"INSERT OR REPLACE INTO feedback ({', '.join(_COLUMNS)}) VALUES ({marks})",
        [values.get(column) for column in _COLUMNS],
    )


def changes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the opinion itself, without ids, key and times, as values of columns; 422 as above."""
    values: dict[str, Any] = {}
    score, comment = given.get("score"), given.get("comment")
    if score is not None:
        if not isinstance(score, int | float):
            raise _wrong("score", "must be a number or true or false")
        checked(score, "score", number)
        values["score"] = float(score)
    if comment is not None:
        if not isinstance(comment, str):
            raise _wrong("comment", "must be text")
        values["comment"] = comment
    for key, column in _JSON.items():
        if given.get(key) is not None:
            kinds, wanted = _KINDS[key]
            if not isinstance(given[key], kinds):
                raise _wrong(key, f"must be {wanted}")
            if key == "feedback_source" and given[key].get("type") not in SOURCES:
                raise _wrong(key, f"must be {wanted}")
            values[column] = checked(given[key], key, json_text)
    texts = [value for value in values.values() if isinstance(value, str)]
    if sum(len(text.encode()) for text in texts) > FEEDBACK_BYTES:
        # A page of them must fit in memory: LangSmith's SDK takes a short page for the last one.
        raise _wrong("feedback", f"must have at most {FEEDBACK_BYTES} bytes of texts")
    return values


def _times(given: Mapping[str, Any]) -> dict[str, int]:
    times = {}
    for key in ("created_at", "modified_at"):
        sent = checked(given.get(key), key, microseconds)
        times[key] = now() if sent is None else sent
    return times


def shown(row: sqlite3.Row) -> dict[str, Any]:
    """Return a row of the table as the API shows it."""
    found = {key: row[column] for key, column in _IDS.items()}
    found |= {key: row[key] for key in ("key", "score", "comment")}
    found |= {
        key: orjson.loads(row[column]) if row[column] else None for key, column in _JSON.items()
    }
    found |= {key: naive(row[key]) for key in ("created_at", "modified_at")}
    return found


def uuid_of(value: Any, name: str) -> str:
    """Return an id in its one spelling; 422 when it is none."""
    try:
        return uuid_text(value)
    except ValueError:
        raise _wrong(name, "must be a UUID") from None


def _wrong(field: str, why: str) -> Refusal:
    return Refusal(422, f"{field}: {why}", field=field)
