"""The scripts beside the notebooks, each in a process of its own: how many runs reach LangSmith."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpers import environment, services
from helpers.langsmith_local.received import Log
from helpers.serving.server import serving

FOLDER = Path(__file__).parents[2] / "notebooks"
FLUSH_SECONDS = 5  # litellm's DEFAULT_FLUSH_INTERVAL_SECONDS
AT_ONCE = {"LANGSMITH_BATCH_SIZE": "1"}
# LiteLLM refuses this model itself, in both kinds of call.
FAILING = """
import asyncio, contextlib, sys, litellm
setattr(litellm, sys.argv[1], ["langsmith"])
litellm.suppress_debug_info = True

def wrong(name):
    question = {"role": "user", "content": "What is HTTP? Answer in one sentence."}
    return {"model": "gtp-4o-mini", "messages": [question], "metadata": {"run_name": name}}

with contextlib.suppress(litellm.BadRequestError):
    litellm.completion(**wrong("sync"))
with contextlib.suppress(litellm.BadRequestError):
    asyncio.run(litellm.acompletion(**wrong("async")))
"""
UNREACHABLE = """
import asyncio, litellm
from litellm.integrations.langsmith import LangsmithLogger
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

async def main():
    litellm.callbacks = [logger := LangsmithLogger()]
    question = {"role": "user", "content": "What is HTTP? Answer in one sentence."}
    await litellm.acompletion(model="gpt-4o-mini", messages=[question], temperature=0)
    await GLOBAL_LOGGING_WORKER.flush()
    print(len(logger.log_queue))

asyncio.run(main())
"""


class Machine:
    """Starts scripts against local services, and reads the batches that those received."""

    def __init__(self, url: str, log: Log) -> None:
        self._log = log
        self._environment = os.environ | environment.variables(url) | {"PYTHONUNBUFFERED": "1"}

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=FOLDER,
            env=self._environment | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> str:
        """Return what the script prints; it must end well and say nothing on stderr."""
        with self.start(*arguments, **variables) as script:
            printed, complaints = script.communicate(timeout=100)
        assert (script.returncode, complaints) == (0, "")
        return printed

    def batches(self, project: str, field: str = "id") -> list[list[str]]:
        """Return, for each request that concerns ``project``, a field of each of its runs."""
        bodies = [json.loads(one.body) for one in self._log if one.path.endswith("runs/batch")]
        sent = [[run for run in body["post"] if run["session_name"] == project] for body in bodies]
        return [[run[field] for run in runs] for runs in sent if runs]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    app = services.create_app(tmp_path_factory.mktemp("scripts") / "traces.sqlite", strict=True)
    with serving(app, name="tutorial services") as url:
        yield Machine(url, services.state_of(app).langsmith.requests)


@pytest.fixture
def project(request: pytest.FixtureRequest) -> str:
    return request.node.name


@pytest.mark.parametrize(
    ("seconds", "variables", "sizes"),
    [(1, {}, []), (FLUSH_SECONDS + 1, {}, [1]), (0, AT_ONCE, [1])],
    ids=["a sleep of 1 sends nothing", "a longer sleep does", "a batch of 1 needs no sleep"],
)
def test_an_async_script(machine: Machine, project: str, seconds, variables, sizes):
    printed = machine.run(
        "scripts/ask_async.py", "DNS", str(seconds), LANGSMITH_PROJECT=project, **variables
    )
    assert printed.startswith("DNS stands for")
    assert [len(batch) for batch in machine.batches(project)] == sizes


@pytest.mark.parametrize(
    ("callbacks", "logged"), [("success_callback", []), ("callbacks", [["async"]])]
)
def test_a_failure_is_logged_by_callbacks_and_for_async_calls_only(
    machine: Machine, project: str, callbacks, logged
):
    machine.run("-c", FAILING, callbacks, LANGSMITH_PROJECT=project, **AT_ONCE)
    assert machine.batches(project, "name") == logged


def test_a_sync_script_sends_nothing_with_the_default_batch_however_long_it_runs(
    machine: Machine, project: str
):
    with machine.start("scripts/ask_sync.py", LANGSMITH_PROJECT=project) as script:
        assert ask(script, "TCP").startswith("TCP stands for")
        time.sleep(FLUSH_SECONDS + 1)
        assert ask(script, "SQL").startswith("SQL is a language")
        script.communicate(timeout=100)
    assert script.returncode == 0 and machine.batches(project) == []


def test_a_sync_script_sends_its_whole_queue_again_at_every_call(machine: Machine, project: str):
    with machine.start("scripts/ask_sync.py", LANGSMITH_PROJECT=project, **AT_ONCE) as script:
        for count, term in enumerate(("TCP", "SQL", "TCP"), start=1):
            ask(script, term)
            until(lambda count=count: len(machine.batches(project)) == count)
        script.communicate(timeout=100)
    first, second, third = machine.batches(project)
    assert len(third) == 3 and first == third[:1] and second == third[:2]


def test_a_batch_that_cannot_be_sent_leaves_the_queue_and_a_line_in_the_log(machine: Machine):
    nobody = {"LANGSMITH_BASE_URL": "http://127.0.0.1:9"}
    with machine.start("-c", UNREACHABLE, **nobody, **AT_ONCE) as script:
        printed, complaints = script.communicate(timeout=100)
    assert (script.returncode, printed) == (0, "0\n") and "Langsmith Layer Error" in complaints


def ask(script: subprocess.Popen[str], term: str) -> str:
    """Give a running script a term and return its answer."""
    assert script.stdin and script.stdout
    script.stdin.write(f"{term}\n")
    script.stdin.flush()
    return script.stdout.readline()


def until(reached: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)
