"""A program that is shared: started once, joined by others, and ended with the last of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import textwrap
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from helpers.paths import ROOT
from helpers.processes import folders, watchdog
from helpers.processes.joined import join
from helpers.processes.served import Served, start_serving

PREFIX, TARGET = "tests-shared-", "shared_program:main"
PROGRAM = """
    import os
    from tests.processes.answering import Answering, serve

    class Handler(Answering):
        def do_GET(self):
            self.answer([os.getpid(), os.environ["SHARED_KEY"]])

    def main():
        serve(Handler, "SHARED_FOLDER")
"""
OTHER = """
import sys
from tests.processes.test_joined import started
served = started(sys.argv[1])
print(served.child.pid, flush=True)
input()
served.stop()
"""


def started(imports: str) -> Served:
    return start_serving(
        TARGET,
        name="shared program",
        prefix=PREFIX,
        environment=os.environ,
        folder_variable="SHARED_FOLDER",
        key_variable="SHARED_KEY",
        seconds=60,
        imports=[Path(imports)],
        shared=True,
    )


@pytest.fixture
def imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "shared_program.py").write_text(textwrap.dedent(PROGRAM))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return str(tmp_path)


@pytest.fixture
def another(imports: str) -> Iterator[Callable[[], tuple[subprocess.Popen[str], int]]]:
    """Start another process that asks for the program; gives it, and the program's process id."""
    others = []

    def another() -> tuple[subprocess.Popen[str], int]:
        others.append(
            subprocess.Popen(
                [sys.executable, "-c", OTHER, imports],
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return others[-1], int(others[-1].stdout.readline())

    yield another
    for each in others:
        each.kill()
        each.communicate()


def asked(served: Served) -> Any:
    with urllib.request.urlopen(served.url.removesuffix("/v1"), timeout=30) as answer:
        return json.load(answer)


def gone(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(30)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def test_who_comes_second_uses_the_same_program_with_its_key(imports, another):
    other, pid = another()
    served = started(imports)
    try:
        assert served.child.pid == pid and asked(served) == [pid, served.key]
    finally:
        served.stop()
    assert psutil.pid_exists(pid)
    other.communicate("\n")
    assert gone(pid) and not list(Path(imports).glob(f"{PREFIX}*"))


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_it_outlives_who_has_started_it_and_ends_with_the_last(imports, another, how):
    first, pid = another()
    served = started(imports)
    if how == "killed":
        first.kill()
        first.wait()
    else:
        first.communicate("\n")
    folders.reap(PREFIX)  # as the next who starts a program does
    assert served.running and asked(served)[0] == pid
    served.stop()
    served.stop()
    assert gone(pid) and not served.running


def test_it_ends_when_all_who_use_it_are_killed(another):
    (first, pid), (second, same) = another(), another()
    assert pid == same
    for each in (first, second):
        each.kill()
        each.wait()
    assert gone(pid)


def test_one_process_may_use_it_twice(imports):
    first, second = started(imports), started(imports)
    assert first.child.pid == second.child.pid
    first.stop()
    assert second.running and asked(second)[0] == second.child.pid
    second.stop()
    assert gone(second.child.pid)


def test_its_key_stands_in_no_file(imports):
    served = started(imports)
    try:
        files = [path for path in Path(imports).rglob("*") if path.is_file()]
        assert len(files) >= 4
        assert [path for path in files if served.key.encode() in path.read_bytes()] == []
    finally:
        served.stop()


def test_a_program_of_other_files_is_not_joined(imports, another, monkeypatch):
    another()
    assert join("another:main", prefix=PREFIX, name="it") is None
    monkeypatch.setattr(watchdog, "__file__", "/elsewhere/watchdog.py")
    assert join(TARGET, prefix=PREFIX, name="it") is None


def test_where_its_key_cannot_be_seen_another_is_started(imports, another, monkeypatch):
    _, pid = another()

    def refused(self: psutil.Process) -> dict[str, str]:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "environ", refused)
    served = started(imports)
    assert served.child.pid != pid
    served.stop()
    assert psutil.pid_exists(pid)
