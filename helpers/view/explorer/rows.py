"""What the browser is given of traces and runs: plain JSON, bounded, whole on request."""

from __future__ import annotations

import json
from typing import Any

from helpers.view.facts import error_line, outputs_of
from helpers.view.records import Run
from helpers.view.values import clip, messages_of, plain, summary_lines

__all__ = ["LARGE", "row_of", "runs_of"]

LARGE = 100_000  # characters of a run's values as JSON; above, they are given when asked for
PREVIEW = 120


def row_of(root: Run) -> dict[str, Any]:
    """Return a trace's line in the list, from its root run."""
    return {
        "id": root.trace_id,
        "name": plain(root.name),
        "status": root.status,
        "start": root.start.timestamp() * 1000,
        "seconds": root.seconds,
        "tokens": root.total_tokens,
        "cost": root.total_cost,
        "input": _preview(root.inputs),
        "output": plain(error_line(root.error)) if root.error else _preview(outputs_of(root)),
    }


def runs_of(root: Run, *, whole: bool = False) -> list[dict[str, Any]]:
    """Return a trace's runs, parents before children, each with its depth and all that it holds.

    Values above ``LARGE`` are left out, which ``cut`` says, unless ``whole``.
    """
    found, stack = [], [(root, 0)]
    while stack:
        run, depth = stack.pop()
        found.append(_run(run, depth, root, whole=whole))
        stack += [(child, depth + 1) for child in reversed(run.children)]
    return found


def _run(run: Run, depth: int, root: Run, *, whole: bool) -> dict[str, Any]:
    values = {
        "inputs": run.inputs,
        "outputs": outputs_of(run),
        "metadata": run.metadata,
        "tags": list(run.tags),
        "feedback": run.feedback,
        "error": run.error,
    }
    text = json.dumps(values, default=str, ensure_ascii=False)
    cut = len(text) > LARGE and not whole
    if cut:
        values |= {"inputs": {}, "outputs": {}, "metadata": {}, "error": clip(run.error or "", 500)}
    else:
        values = json.loads(text)  # what JSON has no word for became text
    return {
        **values,
        "id": run.id,
        "trace": run.trace_id,
        "depth": depth,
        "parent": bool(run.children),
        "name": plain(run.name),
        "type": plain(run.run_type),
        "status": run.status,
        "from": (run.start - root.start).total_seconds(),
        "start": run.start.isoformat(),
        "seconds": run.seconds,
        "first": run.first_token_seconds,
        "tokens": run.total_tokens,
        "prompt_tokens": run.prompt_tokens,
        "completion_tokens": run.completion_tokens,
        "cost": run.total_cost,
        "cut": cut,
        "size": len(text),
    }


def _preview(value: dict[str, Any]) -> str:
    if not value:
        return ""
    messages = messages_of(value)
    lines = summary_lines({"messages": messages[-1:]} if messages else value)
    return clip(" ".join(lines), PREVIEW)
