"""Programs that end while LiteLLM still has something to report."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from helpers.testing.faults import fault
from tests.lessons.calls import NOTEBOOKS, batches, lesson
from tests.lessons.forked import FORKED
from tests.said import said

TIMES = 30


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("endings"):
        yield


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a fork spares the imports of LiteLLM")
@fault("a script that ends right after its call, thirty times, by name", "thirty runs arrive")
def test_an_ending_that_waits_for_what_is_pending_loses_nothing(request: pytest.FixtureRequest):
    assert "localhost" in os.environ["LANGSMITH_BASE_URL"]
    line = "scripts/ask_and_finish.py DNS"
    ended = subprocess.run(
        [sys.executable, "-c", FORKED, *[line] * TIMES],
        cwd=NOTEBOOKS,
        env=os.environ | {"LANGSMITH_PROJECT": "endings"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert ended.stdout.count(said("DNS").text) == TIMES
    assert len(batches("endings")) == TIMES
