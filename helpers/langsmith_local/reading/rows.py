"""A stored run as the API shows it: what v1, v2 and the pages have in common."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import statistics
from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence, Sized
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import orjson

from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import naive
from helpers.serving.bounds import FEEDBACK_BYTES, LISTED

__all__ = [
    "Beside",
    "ancestors",
    "app_path",
    "beside",
    "details",
    "encode",
    "extra",
    "feedback_of",
    "feedback_stats",
    "money",
    "percentile",
    "percentile_of_sorted",
    "preview",
    "raw",
]

PREVIEW_CHARACTERS = 250
DETAILS = {
    "prompt_token_details": "input_token_details",
    "completion_token_details": "output_token_details",
    "prompt_cost_details": "input_cost_details",
    "completion_cost_details": "output_cost_details",
}


@dataclasses.dataclass(frozen=True)
class Beside:
    """What belongs to runs but is stored in tables of its own, by run id."""

    tenant_id: str
    feedback: dict[str, dict[str, Any]]
    attachments: dict[str, dict[str, tuple[str, str]]]  # name -> path, MIME type
    origin: str = ""  # of the service, for addresses that must be whole


def beside(store: Store, ids: Sequence[str], *, origin: str = "") -> Beside:
    """Fetch feedback statistics and the addresses of attachments of the given runs."""
    connection = store.connection()
    attachments: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for row in connection.execute(
        "SELECT run_id, name, mime_type FROM attachments "
        "WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY name",
        (json.dumps(list(ids)),),
    ):
        path = f"/attachments/{row['run_id']}/{quote(row['name'], safe='')}"
        attachments[row["run_id"]][row["name"]] = store.signed(path), row["mime_type"]
    return Beside(store.tenant_id, _feedback(connection, ids), attachments, origin)


def _feedback(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    by_run: dict[str, _Opinions] = defaultdict(_Opinions)
    for row in _feedback_rows(connection, ids):
        by_run[row["run_id"]].add(row)
    return {run_id: found.statistics() for run_id, found in by_run.items()}


def feedback_of(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Any]:
    """Return the statistics of the feedback on all of the given runs together."""
    return feedback_stats(_feedback_rows(connection, ids))


def _feedback_rows(connection: sqlite3.Connection, ids: Sequence[str]) -> Iterable[sqlite3.Row]:
    return connection.execute(
        "SELECT run_id, key, score, value, comment, source FROM feedback "
        "WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY key, created_at",
        (json.dumps(list(ids)),),
    )


def feedback_stats(rows: Iterable[sqlite3.Row]) -> dict[str, Any]:
    """Return the statistics of feedback rows by key: n, avg, min, max, stdev, values, comments."""
    found = _Opinions()
    for row in rows:
        found.add(row)
    return found.statistics()


class _Opinions:
    """Feedback that is counted as it is read; of its texts no more is held than is listed."""

    def __init__(self) -> None:
        self._room = FEEDBACK_BYTES
        self._keys: dict[str, dict[str, Any]] = {}
        self._scores: dict[str, array[float]] = defaultdict(lambda: array("d"))

    def add(self, row: sqlite3.Row) -> None:
        key = row["key"]
        lists: dict[str, Any] = {"n": 0, "values": {}, "comments": [], "sources": []}
        found = self._keys.setdefault(key, lists)
        found["n"] += 1
        if row["score"] is not None:
            self._scores[key].append(row["score"])
        if row["value"] not in (None, "null"):
            value = orjson.loads(row["value"])
            text = value if isinstance(value, str) else row["value"]
            if text in found["values"] or self._fits(text, found["values"]):
                found["values"][text] = found["values"].get(text, 0) + 1
        if row["comment"] and self._fits(row["comment"], found["comments"]):
            found["comments"].append(row["comment"])
        if row["source"] and self._fits(row["source"], found["sources"]):
            found["sources"].append(orjson.loads(row["source"]))

    def statistics(self) -> dict[str, Any]:
        return {key: found | _of_scores(self._scores[key]) for key, found in self._keys.items()}

    def _fits(self, text: str, listed: Sized) -> bool:
        size = len(text.encode())
        if size > self._room or len(listed) >= LISTED:
            return False
        self._room -= size
        return True


def _of_scores(scores: Sequence[float]) -> dict[str, Any]:
    return {
        "avg": statistics.fmean(scores) if scores else None,
        "min": min(scores, default=None),
        "max": max(scores, default=None),
        "stdev": statistics.stdev(scores) if len(scores) > 1 else None,
        "errors": 0,
        "contains_thread_feedback": False,
    }


def money(dollars: float | None) -> str | None:
    """Return US dollars as a decimal text, without an exponent."""
    return None if dollars is None else format(Decimal(repr(dollars)), "f")


def ancestors(dotted_order: str) -> list[str]:
    """Return the ids of the runs above one, from the root down to its parent."""
    return [part.split("Z", 1)[-1] for part in dotted_order.split(".")[:-1]]


def app_path(row: sqlite3.Row, tenant_id: str) -> str:
    """Return the path of the run's page, as LangSmith forms it."""
    return (
        f"/o/{tenant_id}/projects/p/{row['project_id']}/r/{row['id']}"
        f"?trace_id={row['trace_id']}&start_time={naive(row['start_time'])}"
    )


def raw(text: str | None) -> Any:
    """Return stored JSON as a fragment that is written out without being read."""
    return None if text is None else orjson.Fragment(text)


def encode(content: Any) -> bytes:
    """Return JSON for a value in which ``raw`` fragments may stand."""
    return orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS)


def extra(row: sqlite3.Row) -> dict[str, Any]:
    """Return what was sent as extra, with the metadata under its own key."""
    sent = orjson.loads(row["extra"]) if row["extra"] else {}
    return {**sent, "metadata": raw(row["metadata"] or "{}")}


def details(row: sqlite3.Row) -> dict[str, dict[str, float] | None]:
    """Return the four breakdowns of tokens and cost (US dollars) that the run itself reported."""
    usage = orjson.loads(row["own_usage"]) if row["own_usage"] else {}
    return {name: _numbers(usage.get(key)) for name, key in DETAILS.items()}


def _numbers(found: Any) -> dict[str, float] | None:
    if not isinstance(found, dict):
        return None
    return {key: n for key, n in found.items() if isinstance(n, (int, float))}


def preview(text: str | None) -> str | None:
    """Return the beginning of stored JSON as plain text: an only text value stands alone."""
    if text is None:
        return None
    value = orjson.loads(text)
    while isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shown[:PREVIEW_CHARACTERS]


def percentile(values: Iterable[float | None], share: float) -> float | None:
    """Return the percentile of the values that are known, interpolated; ``share`` is 0 to 1."""
    return percentile_of_sorted(sorted(value for value in values if value is not None), share)


def percentile_of_sorted(known: Sequence[float], share: float, unit: float = 1) -> float | None:
    """Return the same of values that are in order, in units of ``unit``."""
    if not known:
        return None
    place = share * (len(known) - 1)
    low, high = (known[at] / unit for at in (int(place), min(int(place) + 1, len(known) - 1)))
    return low + (high - low) * (place - int(place))
