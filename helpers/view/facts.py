"""What a view says of a run beside its values: facts, labels, feedback, the error's line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from helpers.view.axis import Axis
from helpers.view.numbers import counted, dollars, number, seconds
from helpers.view.records import Drawing, Run
from helpers.view.values import as_json, clip, inline, one_line, plain

__all__ = [
    "MAX_DEPTH",
    "MAX_LINE",
    "MAX_RUNS",
    "chosen_metadata",
    "chosen_tags",
    "count_line",
    "error_line",
    "facts_of",
    "labels_of",
    "outputs_of",
    "rows_of",
    "stars_of",
]

MAX_RUNS = 200  # drawn of one trace
MAX_DEPTH = 30
MAX_LINE = 100  # characters of a text line
MAX_NAME = 60  # characters of a name, a kind, the key of a score
MAX_ERROR = 4000  # characters of an error that are looked at

# Either may be missing: the first where LiteLLM's redact_user_api_key_info is on.
OF_LITELLM = {"user_api_key_hash", "requester_metadata"}
HIDDEN_METADATA = re.compile(
    r"(LANGSMITH_|LANGCHAIN_|__)|(revision_id|runtime|ls_run_depth|ls_method|usage_(metadata|object)"
    r"|used_client_oauth_token)$"
)
VARYING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|[0-9a-f]{32}|127\.0\.0\.1|localhost|\d{4}-\d\d-\d\dT"
)


def facts_of(run: Run) -> list[str]:
    """Return name, kind, status, duration, tokens, cost and time to the first token."""
    status = {"success": "ok", "error": "✗ error", "pending": "… pending"}[run.status]
    facts = [clip(inline(run.name), MAX_NAME), clip(inline(run.run_type), MAX_NAME), status]
    if run.seconds is not None and run.status != "pending":
        facts.append(seconds(run.seconds))
    if run.total_tokens:
        facts.append(counted(run.total_tokens, "token"))
    if run.total_cost:
        facts.append(dollars(float(run.total_cost)))
    if run.first_token_seconds is not None:
        facts.append(f"first token {seconds(run.first_token_seconds)}")
    return facts


def rows_of(
    run: Run, parent: Run | None, trace: Drawing, axis: Axis
) -> Iterator[tuple[str, str | Mapping[str, Any]]]:
    """Yield the labelled rows under a run, the same in every view: what went wrong comes first.

    A row is a line of text, or a mapping to be drawn by its fields.
    """
    if run.error:
        yield "✗", plain(error_line(run.error))
    if run is trace.root and (parts := axis.parts()):
        yield "time", f"{parts[0]} in the model, {parts[1]} in the rest"
    if trace.inputs and run.inputs:
        yield "in", run.inputs
    if trace.outputs and (outputs := outputs_of(run)):
        yield "out", outputs
    if trace.metadata:
        yield from labels_of(run, parent)
    yield from stars_of(run)


def labels_of(run: Run, parent: Run | None) -> Iterator[tuple[str, str]]:
    """Yield tags and metadata, but not again those that ``run`` has from its ``parent``."""
    tags, metadata = chosen_tags(run), chosen_metadata(run)
    if parent is not None:
        tags = [tag for tag in tags if tag not in parent.tags]
        known = parent.metadata
        metadata = {k: v for k, v in metadata.items() if k not in known or known[k] != v}
    if tags:
        yield "tags", ", ".join(inline(tag) for tag in tags)
    if metadata:
        yield "meta", one_line(metadata)


def chosen_tags(run: Run) -> list[str]:
    """Return the tags that someone chose."""
    # LiteLLM's proxy tags runs with the client's version, which differs between machines.
    return [tag for tag in run.tags if not tag.startswith("User-Agent:")]


def chosen_metadata(run: Run) -> dict[str, Any]:
    """Return the metadata that someone chose; ``run.metadata`` has what the SDKs added."""
    found = run.metadata
    if not OF_LITELLM.isdisjoint(found):  # the callback's own 30 keys beside the caller's
        chosen = found.get("requester_metadata")
        found = dict(chosen) if isinstance(chosen, Mapping) else {}
    return {
        key: value
        for key, value in found.items()
        if value not in (None, {}, [], "")
        and not HIDDEN_METADATA.match(key)
        and not VARYING.search(as_json(value))
    }


def stars_of(run: Run) -> list[tuple[str, str]]:
    """Return the labelled line of the feedback, in a list that is empty without feedback."""
    if not run.feedback:
        return []
    scores = (f"{clip(inline(k), MAX_NAME)}: {_score(v)}" for k, v in run.feedback.items())
    return [("★", ", ".join(scores))]


def _score(stats: Mapping[str, Any]) -> str:
    average, count = stats.get("avg"), stats.get("n") or 1
    if average is None:
        values = stats.get("values") or {}
        told = ", ".join(inline(str(value)) for value in values) or "noted"
    else:
        told = number(float(f"{float(average):.3g}"))
    return told if count == 1 else f"{told} (of {count})"


def error_line(error: str) -> str:
    """Return the exception line of ``error``, without traceback, paths, ports and addresses."""
    head, *frames = error.split("Traceback (most recent call last)")
    line = head.strip().partition("\n")[0]
    if frames:  # the frames are indented, so the first line that is not names the exception
        after = frames[-1].split("\n")[1:]
        line = next((each for each in after if each and not each[0].isspace()), line)
    line = clip(line, MAX_ERROR)
    line = re.sub(
        r"(?<![\w:/.])(?!/(?:v\d|api|chat)/)"  # a route, such as LiteLLM's errors name, is no path
        r"(?:[A-Za-z]:)?(?:[\\/][\w.@+ -]+)+[\\/](?=[\w.@+-]+)",
        "",
        line,
    )
    line = re.sub(r"\b(127\.0\.0\.1|localhost):\d+", r"\1", line)
    return re.sub(r"\b0x[0-9a-f]{6,}\b", "0x…", line)


def outputs_of(run: Run) -> dict[str, Any]:
    """Return the outputs that there are to show: of a failed run, not what says that it has none.

    The SDK writes ``{"output": null}`` for a call that raised, LiteLLM a usage of zeros.
    """
    if not run.error:
        return run.outputs or {}
    told = run.outputs or {}
    return {
        key: value
        for key, value in told.items()
        if not (key == "output" and value is None)
        and not (key in ("usage", "usage_metadata") and _is_nothing(value))
    }


def _is_nothing(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_nothing(each) for each in value.values())
    return not value


def count_line(runs: tuple[Run, ...]) -> str:
    """Say how many runs ``runs`` and all beneath them are."""
    count = sum(1 for run in runs for _ in run.walk())
    return counted(count, "more run")
