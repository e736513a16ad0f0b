"""helpers.processes.watchdog: what a kernel has started ends with the kernel, however that ends."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import KernelManager

from helpers.processes import watchdog

LIMIT = 5  # seconds that a started process may outlive its owner

OWNER = """
import os, subprocess, sys
from helpers.processes import watchdog
child = subprocess.Popen(watchdog.command("sleeper:run"), start_new_session=True)
print(child.pid, flush=True)
"""


def gone(pid: int) -> bool:
    """Whether process ``pid`` ends, or is a zombie nobody waits for, within ``LIMIT`` seconds."""
    try:
        process = psutil.Process(pid)
        process.wait(LIMIT)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return process.status() == psutil.STATUS_ZOMBIE
    return True


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program to watch, importable by every process that the test starts."""
    body = """
        import json, sys, time
        def run():
            print(json.dumps([sys.argv, sys.path]), flush=True)
            if len(sys.argv) == 1:
                time.sleep(60)
    """
    (tmp_path / "sleeper.py").write_text(textwrap.dedent(body))
    root = Path(watchdog.__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(root)]))


@pytest.fixture
def owner(environment: None) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that has started the program, and the program's pid."""
    source = OWNER + "input()"
    command = [sys.executable, "-c", source]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process, int(process.stdout.readline())
        process.kill()


@pytest.fixture
def kernel(environment: None) -> Iterator[tuple[KernelManager, int]]:
    """A Jupyter kernel that has started the program, and the program's pid."""
    manager = KernelManager()
    manager.start_kernel()
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        yield manager, int(said(client, OWNER))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def said(client: object, code: str) -> str:
    """Return what ``code`` prints in the kernel."""
    texts: list[str] = []
    reply = client.execute_interactive(
        code, timeout=240, output_hook=lambda m: texts.append(m["content"].get("text", ""))
    )
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(texts)


def test_the_program_gets_its_arguments_and_none_of_our_folders(environment):
    command = watchdog.command("sleeper:run", "--port", "1")
    arguments, path = json.loads(subprocess.check_output(command, text=True))
    assert arguments == ["sleeper", "--port", "1"]
    assert str(Path(watchdog.__file__).parent) not in path


@pytest.mark.parametrize("end", ["kill", "terminate"])
def test_a_program_ends_when_its_owner_is_ended(owner, end):
    process, pid = owner
    getattr(process, end)()
    process.wait()
    assert gone(pid)


def test_a_program_ends_though_nobody_has_waited_for_its_killed_owner(owner):
    process, pid = owner
    process.kill()
    assert gone(pid)


def test_a_program_whose_owner_is_gone_does_not_stay(environment):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    command = watchdog.command("sleeper:run")
    command[command.index(str(os.getpid()))] = str(ended.pid)
    assert gone(subprocess.Popen(command, stdout=subprocess.DEVNULL).pid)


@pytest.mark.parametrize("how", ["shutdown", "restart", "kill"])
def test_a_program_ends_with_its_kernel(kernel, how):
    manager, pid = kernel
    {
        "shutdown": manager.shutdown_kernel,
        "restart": manager.restart_kernel,
        "kill": lambda: manager.shutdown_kernel(now=True),
    }[how]()
    assert gone(pid)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on Windows")
def test_a_child_that_the_owner_forked_does_not_keep_the_program(environment):
    source = OWNER + "\nif os.fork() == 0:\n    os.close(1)\n    __import__('time').sleep(8)\n"
    with subprocess.Popen(
        [sys.executable, "-c", source + "else: input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        pid = int(process.stdout.readline())
        process.kill()
        assert gone(pid)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no such groups on Windows")
def test_what_the_program_started_ends_with_the_owner_too(environment, tmp_path):
    source = """
        import os, subprocess, sys, time
        def run():
            inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            print(inner.pid, flush=True)
            time.sleep(60)
    """
    (tmp_path / "sleeper.py").write_text(textwrap.dedent(source))
    with subprocess.Popen(
        [sys.executable, "-c", OWNER.replace("print(child.pid, flush=True)", "") + "input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        inner = int(process.stdout.readline())
        process.kill()
        assert gone(inner)


def test_a_command_is_known_by_who_made_it():
    command = watchdog.command("sleeper:run", "--port", "1")
    assert watchdog.runs_for(command, os.getpid())
    assert not watchdog.runs_for(command, os.getpid() + 1)
    assert not watchdog.runs_for([sys.executable, "-c", str(os.getpid())], os.getpid())
    assert not watchdog.runs_for([], os.getpid())
