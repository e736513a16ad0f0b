"""Kernels in processes of their own, with light programs in the place of the proxy and SmolLM2."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from helpers.paths import ROOT
from helpers.processes import watchdog

__all__ = ["SECONDS", "Lives", "alive", "programs_of", "until"]

SECONDS = 10.0  # that what a dead process has started may outlive it

#: A proxy of one route, which tells of a port that is taken as LiteLLM's does.
LITELLM = """
    import http.server, signal, sys

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        allow_reuse_address = False

    def run_server():
        address = ("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1]))
        try:
            server = Server(address, Handler)
        except OSError:
            sys.exit("[Errno 98] error while attempting to bind: address already in use")
        server.serve_forever()
"""
#: Does something to itself at a stage of starting a program, and then tells what is there.
KERNEL = """
    import json, os, signal, sys
    import psutil
    from helpers import smollm2
    from helpers.processes import child, folders, served
    from helpers.proxy import launch, readiness
    from helpers.smollm2 import process as model

    what, stage, number = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def hit(module, name, *, after=False):
        called = getattr(module, name)
        def hitting(*arguments, **options):
            if not after:
                os.kill(os.getpid(), int(number))
            result = called(*arguments, **options)
            if after:
                os.kill(os.getpid(), int(number))
            return result
        setattr(module, name, hitting)

    if stage == "before the folder":
        hit(folders, "make")
    elif stage == "after the folder":
        hit(folders, "make", after=True)
    elif stage == "before the fork":
        hit(child, "_begun")
    elif stage == "between fork and note":
        hit(child, "_begun", after=True)
    elif stage == "while waiting":
        hit(*((served, "_address") if what == "smollm2" else (readiness, "_ports")))
    elif stage == "as it becomes ready":
        hit(child.Child, "wait", after=True)
    try:
        if what == "smollm2":
            model.TARGET = "fake_smollm2:main"
            model.available = smollm2.available = lambda: True
            smollm2.start(shared=True)
        else:
            launch.start("config.yaml", port=0)
        outcome = "started"
    except KeyboardInterrupt:
        outcome = "interrupted"
    left = [each.pid for each in psutil.Process().children(recursive=True)]
    print(json.dumps({"outcome": outcome, "left": left}), flush=True)
    sys.stdin.read()
"""


class Lives:
    """Starts kernels below ``folder``; ``temporary`` is where they keep what is temporary."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.temporary = folder, folder / "temporary"
        self.temporary.mkdir()
        self._started: list[subprocess.Popen[str]] = []
        self.write("litellm", LITELLM)
        (folder / "config.yaml").write_text("model_list: []\n")

    def write(self, module: str, source: str) -> None:
        """Make a module that kernels and what they start can import."""
        (self.folder / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a kernel."""
        paths = os.pathsep.join([str(self.folder), str(ROOT)])
        return {**os.environ, "PYTHONPATH": paths, "TMPDIR": str(self.temporary)}

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        """Start a Python process in a group of its own, with pipes."""
        given = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(
            [sys.executable, *command],
            **{"cwd": self.folder, "env": self.environment, "text": True, **given, **options},
            start_new_session=os.name != "nt",
        )
        self._started.append(process)
        return process

    def kernel(self, source: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a process that runs ``source``."""
        return self.start("-c", textwrap.dedent(source), *arguments)

    def end(self) -> None:
        """Kill what was started, and what that has started."""
        for process in self._started:
            for pid in programs_of(process.pid):
                with contextlib.suppress(psutil.NoSuchProcess):
                    psutil.Process(pid).kill()
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                with contextlib.suppress(OSError):  # what was not written is of no use now
                    if pipe is not None:
                        pipe.close()


def told(process: subprocess.Popen[str]) -> Any:
    """Return the line of JSON that a process prints, after whatever else it does."""
    assert process.stdout is not None and process.stderr is not None
    for line in process.stdout:
        if line.startswith(("{", "[")):
            return json.loads(line)
    raise AssertionError(process.stderr.read())


def programs_of(owner: int) -> list[int]:
    """Return the programs that run for process ``owner``, also when it is gone."""
    found = psutil.process_iter(["cmdline", "status"])
    return [
        each.pid
        for each in found
        if watchdog.runs_for(each.info["cmdline"] or [], owner)
        and each.info["status"] != psutil.STATUS_ZOMBIE
    ]


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(true: Callable[[], object], *, seconds: float = 30.0) -> None:
    """Wait until something is so; it fails after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become so in time"
        time.sleep(0.02)


def fixture(folder: Path) -> Iterator[Lives]:
    """Yield kernels to start; they end with the test."""
    lives = Lives(folder)
    try:
        yield lives
    finally:
        lives.end()
