"""The scripts beside the notebooks: what has reached LangSmith when their process has ended.

A process costs seconds, most of them LiteLLM's import. Here are the claims that need an end; what
a process does before it is in test_callback.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from helpers import traces
from tests.lessons.calls import NOTEBOOKS, batches, lesson
from tests.lessons.forked import LOADED

PROJECTS = {which: f"scripts-{which}" for which in ("async", "sync", "by-name", "by-digits")}


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("scripts"):
        yield


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Callable[..., str]:
    """Run a script and return what it prints; its runs go to a project named like the test.

    It must end well and say nothing on stderr.
    """

    def run(*arguments: str, **variables: str) -> str:
        ended = subprocess.run(
            [sys.executable, *arguments],
            cwd=NOTEBOOKS,
            env=os.environ | {"LANGSMITH_PROJECT": request.node.name} | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    return run


@pytest.fixture(scope="module")
def said(_environment: None) -> list[str]:
    """What four scripts print; the runs of each go to its own of ``PROJECTS``."""
    name = os.environ["LANGSMITH_BASE_URL"]
    assert "localhost" in name
    digits = name.replace("localhost", "127.0.0.1")
    batch_of_one = "LANGSMITH_BATCH_SIZE=1"
    lines = {
        "async": "scripts/ask_async.py DNS 1",
        "sync": "scripts/ask_sync.py TCP SQL",
        "by-name": f"{batch_of_one} LANGSMITH_BASE_URL={name} scripts/ask_async.py DNS 0",
        "by-digits": f"{batch_of_one} LANGSMITH_BASE_URL={digits} scripts/ask_async.py DNS 0",
    }
    ended = subprocess.run(
        [
            *(sys.executable, "-c", LOADED),
            *(f"LANGSMITH_PROJECT={PROJECTS[which]} {line}" for which, line in lines.items()),
        ],
        cwd=NOTEBOOKS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        timeout=100,
        check=True,
    )
    return ended.stdout.splitlines()


forking = pytest.mark.skipif(not hasattr(os, "fork"), reason="a fork spares imports of LiteLLM")


@forking
@pytest.mark.struggle(1)
@pytest.mark.struggle(2)
def test_with_the_default_batch_neither_script_has_sent_anything_at_its_end(said):
    assert [line.partition(" ")[0] for line in said[:3]] == ["DNS", "TCP", "SQL"]
    assert batches(PROJECTS["async"]) == batches(PROJECTS["sync"]) == []


@forking
@pytest.mark.struggle(2)
def test_a_batch_of_one_without_a_sleep_is_lost_by_name_and_not_by_digits(said):
    assert [line.partition(" ")[0] for line in said[3:]] == ["DNS", "DNS"]
    assert batches(PROJECTS["by-name"]) == []
    assert [len(batch) for batch in batches(PROJECTS["by-digits"])] == [1]


def test_a_traced_program_that_ends_has_sent_its_run(request, run):
    said = run("scripts/define.py", "DNS")
    (sent,) = traces.query(project=request.node.name)
    assert (sent.name, sent.inputs, sent.outputs) == (
        "define",
        {"term": "DNS"},
        {"output": said.strip()},
    )


@pytest.mark.struggle(19)
@pytest.mark.parametrize(("word", "arrived"), [("", 0), ("flush", 1)])
def test_a_frozen_process_has_sent_what_it_flushed(request, run, word, arrived):
    said = run("scripts/answer_and_stop.py", "HTTP", *word.split())
    assert said == "HTTP is in the glossary\n"
    assert len(traces.query(project=request.node.name)) == arrived
