"""Runs with times of their own choosing, and what the views draw of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from helpers import view
from helpers.traces import Run, Trace

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ASK = {"messages": [{"role": "user", "content": "What is HTTP?"}], "model": "m"}
ANSWER = {"choices": [{"message": {"role": "assistant", "content": "HTTP is a protocol."}}]}


def run(name: str, *children: Run, start: float = 0, seconds: float | None = 1, **more: Any) -> Run:
    begin = BEGIN + timedelta(seconds=start)
    end = None if seconds is None else begin + timedelta(seconds=seconds)
    return Run(name, "t", name, begin, end=end, seconds=seconds, children=children, **more)


def tree() -> Run:
    failed = run("check", start=0.5, seconds=0.25, status="error", error="ValueError: no")
    waiting = run("wait", start=0.9, seconds=None, status="pending")
    answer = run("answer", run_type="llm", inputs=ASK, outputs=ANSWER, total_tokens=1)
    return run("define", answer, failed, waiting, tags=("a",), inputs={"text": "x" * 900})


def text(root: Run, **options: Any) -> str:
    return view.text(Trace(root, **options))


def html(root: Run, **options: Any) -> str:
    return view.html(Trace(root, **options))
