"""What a view says of a run beside its values: facts, labels, feedback, the error's line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from helpers.view.records import Run
from helpers.view.values import as_json, clip, one_line, plain

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
    "stars_of",
]

MAX_RUNS = 200  # drawn of one trace
MAX_DEPTH = 30
MAX_LINE = 100  # characters of a text line, and of an HTML line

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
    facts = [clip(" ".join(plain(run.name).split()), 60), plain(run.run_type), status]
    if run.seconds is not None and run.status != "pending":
        facts.append(_seconds(run.seconds))
    if run.total_tokens:
        facts.append(f"{run.total_tokens:,} token{'s' if run.total_tokens != 1 else ''}")
    if run.total_cost:
        facts.append(_dollars(float(run.total_cost)))
    if run.first_token_seconds is not None:
        facts.append(f"first token {_seconds(run.first_token_seconds)}")
    return facts


def _seconds(seconds: float) -> str:
    return f"{max(seconds, 0.0):.2f} s"  # the one form that the sanitiser knows


def _dollars(cost: float) -> str:
    if cost < 0.000001:
        return "<$0.000001"
    whole, fraction = f"{cost:.6f}".split(".")
    return f"${whole}.{fraction.rstrip('0').ljust(2, '0')}"


def labels_of(run: Run, parent: Run | None) -> Iterator[tuple[str, str]]:
    """Yield tags and metadata, but not again those that ``run`` has from its ``parent``."""
    tags, metadata = chosen_tags(run), chosen_metadata(run)
    if parent is not None:
        tags = [tag for tag in tags if tag not in parent.tags]
        known = parent.metadata
        metadata = {k: v for k, v in metadata.items() if k not in known or known[k] != v}
    if tags:
        yield "tags", ", ".join(plain(tag) for tag in tags)
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
    return [("★", ", ".join(f"{plain(k)}: {_score(v)}" for k, v in run.feedback.items()))]


def _score(stats: Mapping[str, Any]) -> str:
    average, count = stats.get("avg"), stats.get("n") or 1
    if average is None:
        values = stats.get("values") or {}
        told = ", ".join(plain(str(value)) for value in values) or "noted"
    else:
        told = f"{float(average):.3g}"
    return told if count == 1 else f"{told} (of {count})"


def error_line(error: str) -> str:
    """Return the exception line of ``error``, without traceback, paths, ports and addresses."""
    head, *frames = error.split("Traceback (most recent call last)")
    line = head.strip().split("\n")[0]
    if frames:  # the frames are indented, so the first line that is not names the exception
        after = frames[-1].split("\n")[1:]
        line = next((each for each in after if each and not each[0].isspace()), line)
    line = re.sub(
        r"(?<![\w:/.])(?!/(?:v\d|api|chat)/)"  # a route, such as LiteLLM's errors name, is no path
        r"(?:[A-Za-z]:)?(?:[\\/][\w.@+ -]+)+[\\/](?=[\w.@+-]+)",
        "",
        line,
    )
    line = re.sub(r"\b(127\.0\.0\.1|localhost):\d+", r"\1", line)
    return re.sub(r"\b0x[0-9a-f]{6,}\b", "0x…", line)


def outputs_of(run: Run) -> dict[str, Any]:
    """Return the outputs that there are to show."""
    # The SDK writes {"output": null} for a call that raised.
    return {} if run.error and run.outputs == {"output": None} else run.outputs or {}


def count_line(runs: tuple[Run, ...]) -> str:
    """Say how many runs ``runs`` and all beneath them are."""
    count = sum(1 for run in runs for _ in run.walk())
    return f"{count:,} more run{'s' if count != 1 else ''}"
