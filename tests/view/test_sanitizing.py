"""The sanitisers of nbval narrow durations and bars of a view, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from nbval.plugin import get_sanitize_patterns

from tests.view.drawing import html, run, text

SANITIZER = Path(__file__).parents[1] / "nbval_sanitize.cfg"


def sanitized(output: str) -> str:
    for regex, replacement in get_sanitize_patterns(SANITIZER.read_text("ascii")):
        output = re.sub(regex, replacement, output)
    return output


def test_after_sanitising_only_durations_and_bars_are_gone():
    answer = {"name": "answer", "run_type": "llm"}
    slow = run("define", run(**answer, start=3, seconds=8.5, first_token_seconds=4), seconds=12)
    fast = run("define", run(**answer, start=0, seconds=0, first_token_seconds=0), seconds=0.01)
    for draw in (text, html):
        assert draw(slow) != draw(fast)
        assert sanitized(draw(slow)) == sanitized(draw(fast))


def test_the_duration_of_a_failed_run_is_sanitised_too():
    slow, fast = (run("f", status="error", error="gone", seconds=n) for n in (1.5, 0.01))
    for draw in (text, html):
        assert sanitized(draw(slow)) == sanitized(draw(fast))


@pytest.mark.parametrize(
    "changed",
    [
        {"total_tokens": 43}, {"total_cost": 0.00013}, {"status": "error"}, {"name": "deny"},
        {"run_type": "tool"}, {"inputs": {"a": "took 1.25 s"}}, {"outputs": {"b": "  0.01 s  "}},
    ],
    ids=lambda changed: next(iter(changed)),
)  # fmt: skip
def test_sanitising_hides_no_other_change(changed: dict[str, Any]):
    before = {"name": "f", "inputs": {"a": "took 1.20 s"}, "outputs": {"b": "  0.02 s  "}}
    one = run(**{**before, "total_tokens": 42, "total_cost": 0.00012})
    two = run(**{**before, "total_tokens": 42, "total_cost": 0.00012, **changed})
    assert sanitized(text(one)) != sanitized(text(two))
    assert sanitized(html(one)) != sanitized(html(two))
