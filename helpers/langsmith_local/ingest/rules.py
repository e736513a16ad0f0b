"""What LangSmith's ingestion refuses, as pure functions over one run as JSON.

The wording follows messages that LangSmith was reported to answer: langchain-ai/langsmith-sdk
issues 751 and 2236, langsmith-java pull request 81, BerriAI/litellm issues 7140, 14996, 18385 and
37269. What no report shows is inferred from LangSmith's OpenAPI document.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Mapping
from typing import Any

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ids import UUID, uuid_text
from helpers.langsmith_local.schema import RUN_TYPES
from helpers.langsmith_local.times import iso, microseconds
from helpers.langsmith_local.values import check_name, json_text, whole

__all__ = [
    "already_received",
    "as_texts",
    "check_order",
    "check_schema",
    "dotted_order",
    "schema_error",
    "segments",
    "session_not_found",
]


# The 29th of February is a day of years that four divides, and of hundreds that 400 divides.
_LEAP = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)0229"
_DAY = (
    r"\d{4}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1\d|2[0-8])"
    r"|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
)
_STAMP = rf"(?:{_DAY}|{_LEAP})T(?:[01]\d|2[0-3])[0-5]\d[0-5]\d\d{{6}}Z"
_SEGMENT = _STAMP + UUID.pattern
_ORDER = re.compile(rf"{_SEGMENT}(?:\.{_SEGMENT})*")
STAMP_LENGTH = 22
MAX_SHOWN = 2_000  # characters of an order that a message repeats


def schema_error(where: str, why: str) -> Refusal:
    """Return the 422 that names the place in the batch, as ``post.0.session_id``."""
    message = f"invalid batch JSON: batch schema error {where}: {why}"
    return Refusal(422, f"Unprocessable entity: {message}", key="error")


def session_not_found(session_id: str) -> Refusal:
    """Return the 404 for a ``session_id`` that is no project (a project, not a thread)."""
    return Refusal(404, f"Not found: tracer session not found: {session_id}", key="error")


def already_received() -> Refusal:
    """Return the 409 for a run that POST /runs brings again, and for a second change by PATCH.

    "If you've already updated a run with outputs, you can't update it again" (LangSmith's answer
    in langsmith-sdk issue 1529; issue 2111 shows a change that comes after one of a batch). Batches
    may bring both again, as LiteLLM's callback does.
    """
    return Refusal(
        409, "Conflict: payload already received: payloads already received", key="error"
    )


def check_schema(run: Mapping[str, Any], *, at: str, post: bool) -> dict[str, Any]:
    """Return the known fields of a run that are not null, ids and times in one form.

    ``at`` names the run in messages (``post.0``). Raises the 422 ``Refusal`` for a field of a wrong
    kind, an unknown ``run_type`` and, in a ``post``, a missing ``name`` or ``run_type``.
    """
    checked: dict[str, Any] = {}
    for key, value in run.items():
        check = _FIELDS.get(key)
        if value is None or check is None:
            continue
        if check.__class__ is not type:
            try:
                value = check(value)
            except ValueError as error:
                raise schema_error(f"{at}.{key}", str(error)) from None
        elif not isinstance(value, check):
            raise schema_error(f"{at}.{key}", f"must be {_WORDS[check]}")
        checked[key] = value
    for key in ("name", "run_type") if post else ():
        if key not in checked:
            raise schema_error(f"{at}.{key}", "missing property")
    return checked


def as_texts(run: Mapping[str, Any], *, at: str, apart: Container[str] = ()) -> dict[str, str]:
    """Return the JSON fields of a checked run as text, but those that came ``apart``.

    Raises the 422 for one that is too deep.
    """
    texts = {}
    for key in JSON_FIELDS:
        if key in run and key not in apart:
            try:
                texts[key] = json_text(run[key])
            except ValueError as error:
                raise schema_error(f"{at}.{key}", str(error)) from None
    return texts


def check_order(run: dict[str, Any], *, at: str, required: bool) -> None:
    """Raise the ``Refusal`` for ids that do not describe one tree; put the order in one spelling.

    ``required``: batches must bring ``trace_id`` and ``dotted_order`` (docstring of the SDK's
    ``batch_ingest_runs``); POST /runs and PATCH /runs/{id} need not.
    """
    for key in ("id", "trace_id", "dotted_order") if required else ():
        if key not in run:
            raise schema_error(f"{at}.{key}", "missing property")
    if "dotted_order" not in run:
        return
    why = None
    if not _ORDER.fullmatch(run["dotted_order"]):
        run["dotted_order"] = _lower_ids(run["dotted_order"])
        why = _malformed(run["dotted_order"].split("."))
    why = why or _disagreement(run, run["dotted_order"].split("."))
    if why:
        raise Refusal(400, f"Bad request: invalid 'dotted_order': {why} {_ids(run)}", key="error")


def dotted_order(start: int, run_id: str, *, parent: str = "") -> str:
    """Return the order of a run that starts at ``start`` (microseconds) beneath ``parent``."""
    text = iso(start) or ""
    stamp = re.sub(r"[-:.]", "", text.removesuffix("+00:00")) + "Z"
    return f"{parent}.{stamp}{run_id}" if parent else stamp + run_id


def segments(order: str) -> list[str]:
    """Return the run ids of a dotted order, the root's first."""
    return [part[STAMP_LENGTH:] for part in order.split(".")]


def _id(value: Any) -> str:
    try:
        return uuid_text(value)
    except ValueError:
        raise ValueError("Must validate one and only one schema (oneOf)") from None


def _time(value: Any) -> int:
    try:
        return microseconds(value)
    except ValueError as error:
        raise ValueError(f"is not a valid date-time: {error}") from None


def _run_type(value: Any) -> str:
    if value not in RUN_TYPES:
        raise ValueError(f"value must be one of {', '.join(RUN_TYPES)}")
    return str(value)


def _tags(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise ValueError("must be array of strings")
    return value


def _events(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(event, dict) for event in value):
        raise ValueError("must be array of objects")
    return value


# A type, or a function that returns the value in its one form or raises ValueError.
_FIELDS: dict[str, Any] = {
    **dict.fromkeys(("id", "trace_id", "parent_run_id", "session_id", "reference_example_id"), _id),
    **dict.fromkeys(("start_time", "end_time"), _time),
    **dict.fromkeys(("name", "session_name"), check_name),
    **dict.fromkeys(("error", "dotted_order"), str),
    **dict.fromkeys(("inputs", "outputs", "extra", "serialized"), dict),
    "events": _events,
    "tags": _tags,
    "run_type": _run_type,
    "execution_order": whole,
}
JSON_FIELDS = ("inputs", "outputs", "events", "extra", "serialized", "tags")
_WORDS: dict[type, str] = {str: "string", dict: "object"}


def _lower_ids(order: str) -> str:
    return ".".join(part[:STAMP_LENGTH] + part[STAMP_LENGTH:].lower() for part in order.split("."))


def _malformed(parts: list[str]) -> str | None:
    for index, part in enumerate(parts):
        if not re.fullmatch(_STAMP, part[:STAMP_LENGTH]):
            return f"invalid timestamp in dotted_order {part[:STAMP_LENGTH]} at index {index}"
        if not UUID.fullmatch(part[STAMP_LENGTH:]):
            return f"invalid UUID in dotted_order {part[STAMP_LENGTH:]} at index {index}"
    return None


def _disagreement(run: Mapping[str, Any], parts: list[str]) -> str | None:
    if "parent_run_id" in run:
        if len(parts) < 2:
            return "dotted_order must contain at least two parts for child runs"
    elif len(parts) > 1:
        return "dotted_order must contain a single part for root runs"
    first, last = parts[0][STAMP_LENGTH:], parts[-1][STAMP_LENGTH:]
    if "trace_id" in run and run["trace_id"] != first:
        return f"trace_id {run['trace_id']} does not match first part of dotted_order"
    if "id" in run and run["id"] != last:
        return f"run_id {run['id']} does not match last part of dotted_order"
    for above, part in itertools.pairwise(parts):
        parent, child = above[:STAMP_LENGTH], part[:STAMP_LENGTH]
        if child < parent:
            return f"dotted_order has timestamp {child} earlier than parent timestamp {parent}"
    return None


def _ids(run: Mapping[str, Any]) -> str:
    return (
        f"for run_id:{run.get('id')} trace_id:{run.get('trace_id')} "
        f"dotted_order:{run['dotted_order'][:MAX_SHOWN]} "
        f"parent_run_id:{run.get('parent_run_id', '<nil>')}"
    )
