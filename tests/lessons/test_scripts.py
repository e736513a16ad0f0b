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
from tests.lessons.forked import FORKED

# Several scripts in one process, one after the other, each to its own end.
ONE_AFTER_THE_OTHER = """
import runpy, sys
for line in sys.argv[1:]:
    sys.argv = line.split()
    runpy.run_path(sys.argv[0], run_name="__main__")
"""


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


@pytest.mark.struggle(1)
@pytest.mark.struggle(2)
def test_with_the_default_batch_neither_script_has_sent_anything_at_its_end(request, run):
    scripts = ("scripts/ask_async.py DNS 1", "scripts/ask_sync.py TCP SQL")
    dns, tcp, sql = run("-c", ONE_AFTER_THE_OTHER, *scripts).splitlines()
    assert dns.startswith("DNS stands for")
    assert tcp.startswith("TCP stands for")
    assert sql.startswith("SQL is a language")
    assert batches(request.node.name) == []


@pytest.mark.struggle(2)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a fork spares the imports of LiteLLM")
def test_a_batch_of_one_without_a_sleep_is_lost_by_name_and_not_by_digits(request, run):
    name = os.environ["LANGSMITH_BASE_URL"]
    assert "localhost" in name
    digits = name.replace("localhost", "127.0.0.1")
    script = "scripts/ask_async.py DNS 0"
    said = run("-c", FORKED, f"{name} {script}", f"{digits} {script}", LANGSMITH_BATCH_SIZE="1")
    assert said.count("DNS stands for") == 2
    assert [len(batch) for batch in batches(request.node.name)] == [1]


@pytest.mark.struggle(2)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a fork spares the imports of LiteLLM")
def test_an_ending_that_waits_for_what_is_pending_loses_nothing(request, run):
    line = f"{os.environ['LANGSMITH_BASE_URL']} scripts/ask_and_finish.py DNS"
    run("-c", FORKED, *[line] * 3)
    assert [len(batch) for batch in batches(request.node.name)] == [1, 1, 1]


@pytest.mark.struggle(19)
@pytest.mark.parametrize(("word", "arrived"), [("", 0), ("flush", 1)])
def test_a_frozen_process_has_sent_what_it_flushed(request, run, word, arrived):
    said = run("scripts/answer_and_stop.py", "HTTP", *word.split())
    assert said == "HTTP is in the glossary\n"
    assert len(traces.query(project=request.node.name)) == arrived
