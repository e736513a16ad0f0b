"""A child process of ours: its group, its deadline, its log, its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from helpers.processes import Child, ChildError
from tests.processes.programs import MODULE, environment

SLEEPS = """
    import time
    def main():
        print("here I am", flush=True)
        time.sleep(60)
"""
# Starts the child in a group of its own, interrupts that whole group, and tells of the child.
INTERRUPTED = f"""
import os, signal, time
from helpers.processes import Child
child = Child("{MODULE}:main", name="sleeper", prefix="tests-child-", environment=os.environ)
child.wait(lambda: child.log() or None, seconds=30)
try:
    os.killpg(0, signal.SIGINT)
    time.sleep(30)
except KeyboardInterrupt:
    time.sleep(0.5)
    print(child.running, flush=True)
child.discard()
"""
Start = Callable[..., Child]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts a program of the given source; all are ended with the test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    started = []

    def start(source: str, *arguments: str, **options: str) -> Child:
        given = environment(tmp_path, source)
        target = f"{MODULE}:main"
        child = Child(
            target, *arguments, name="sleeper", prefix="tests-", environment=given, **options
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.stop()


def said(child: Child) -> str:
    return child.wait(lambda: child.log().strip() or None, seconds=30)


def test_it_runs_until_it_is_stopped_and_stopping_twice_does_no_harm(start):
    child = start(SLEEPS)
    assert child.running and said(child) == "here I am"
    child.stop()
    child.stop()
    assert not child.running


def test_it_says_when_the_program_is_ready(start):
    child, answers = start(SLEEPS), iter([None, None, "ready"])
    ticks: list[int] = []
    assert child.wait(lambda: next(answers), seconds=30, tick=lambda: ticks.append(1)) == "ready"
    assert len(ticks) == 2


def test_a_program_that_ends_while_it_starts_is_not_waited_for(start):
    child = start("def main(): raise SystemExit('no')")
    with pytest.raises(ChildError, match="The sleeper ended while it was starting"):
        child.wait(lambda: None, seconds=30)
    assert "no" in child.log()


def test_a_program_that_never_answers_has_a_deadline(start):
    child = start(SLEEPS)
    with pytest.raises(ChildError, match=r"did not answer within 0\.2 seconds"):
        child.wait(lambda: None, seconds=0.2)
    assert child.running


def test_whether_it_ends_soon_can_be_waited_for(start):
    assert not start(SLEEPS).ended(within=0.1)
    assert start("def main(): pass").ended(within=30)


def test_both_outputs_are_in_the_log_which_stays_until_it_is_discarded(start):
    child = start("import sys\ndef main(): print('out'); print('err', file=sys.stderr)")
    assert child.ended(within=30)
    assert sorted(child.log().split()) == ["err", "out"]
    child.discard()
    assert not child.folder.exists() and child.log() == ""


def test_it_is_told_its_arguments_and_its_folder(start):
    source = """
        import json, os, sys, time
        def main():
            print(json.dumps([sys.argv[1:], os.environ["ITS_FOLDER"]]), flush=True)
            time.sleep(60)
    """
    child = start(source, "--port", "1", folder_variable="ITS_FOLDER")
    assert json.loads(said(child)) == [["--port", "1"], str(child.folder)]


def test_what_it_started_ends_with_it(start):
    source = """
        import subprocess, sys, time
        def main():
            inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            print(inner.pid, flush=True)
            time.sleep(60)
    """
    child = start(source)
    inner = psutil.Process(int(said(child)))
    child.stop()
    assert not inner.is_running() or inner.status() == psutil.STATUS_ZOMBIE


@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="Windows has no groups to signal")
def test_it_outlives_an_interrupt_of_the_group_that_started_it(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        env=environment(tmp_path, SLEEPS),
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=60,
    )
    assert (done.stdout.strip(), done.returncode) == ("True", 0), done.stderr
