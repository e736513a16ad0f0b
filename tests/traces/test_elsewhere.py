"""The service, the sender or the reader is another program; the service goes by its name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from langsmith import utils

from helpers import traces
from helpers.traces import connection
from tests.forks import FORKS, Forks

ROOT = Path(__file__).parents[2]

# What the sender and the reader have loaded at their start; the reader has nothing of ours.
SENDING = "tests.traces.calls"
SEND = """
import sys
from tests.traces.calls import define
define(sys.argv[1])
from langsmith.run_trees import get_cached_client
get_cached_client().flush()
"""

# The module that reads is imported after the call, as lesson 00 does.
SHOW = """
import sys
from tests.traces.calls import define
for word in sys.argv[1:]:
    define(word)
from helpers import traces
print(traces.show())
"""


@pytest.fixture(scope="module")
def exported() -> Iterator[dict[str, str]]:
    """The variables of ``serve --lag 1``, with the name of this machine for its address."""
    command = [sys.executable, "-m", "helpers", "serve", "--lag", "1"]
    process = subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline() for _ in range(8)]
        named = [re.fullmatch(r"export (\w+)=(.*)\n", line) for line in lines]
        variables = {match[1]: match[2] for match in named if match}
        yield {
            key: value.replace("127.0.0.1", "localhost")
            for key, value in variables.items()
            if key.startswith("LANGSMITH")
        }
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def url(exported: dict[str, str]) -> Iterator[str]:
    yield exported["LANGSMITH_ENDPOINT"]
    connection.forget(exported["LANGSMITH_ENDPOINT"])


@pytest.fixture(autouse=True)
def environ(
    exported: dict[str, str], project: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    monkeypatch.setenv("LANGSMITH_API_KEY", exported["LANGSMITH_API_KEY"])
    utils.get_env_var.cache_clear()
    return os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks | None]:
    """What five programs are forked from, where there are forks."""
    if not FORKS:
        yield None
        return
    with Forks(SENDING) as forks:
        yield forks


@pytest.fixture
def run(forks: Forks | None, environ: dict[str, str]) -> Callable[..., str]:
    """Run a program and return what it prints."""

    def run(code: str, *arguments: str) -> str:
        if forks:
            done = forks.run(code, *arguments, environ=environ)
        else:
            command = [sys.executable, "-c", code, *arguments]
            done = subprocess.run(command, env=environ, text=True, capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_what_another_program_sent_is_awaited(run: Callable[..., str]):
    for term in ("HTTP", "DNS"):
        run(SEND, term)
        assert traces.show(timeout=10).root.inputs == {"term": term}


def test_after_a_restart_only_what_is_new_is_shown(run: Callable[..., str]):
    assert 'in   term: "HTTP"' in run(SHOW, "TCP", "HTTP")
    none = run(SHOW)
    assert "No trace" in none and 'older than this session, the newest is "define"' in none
    again = run(SHOW, "DNS")
    assert 'in   term: "DNS"' in again and "no newer" not in again
