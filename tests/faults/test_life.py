"""Kernels, proxies, models and services that are killed, interrupted, put to sleep, or many."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from helpers.langsmith_local.store import Store
from helpers.paths import ROOT
from helpers.processes import Child, ChildError, folders, notes, watchdog
from helpers.testing.faults import case, fault
from tests.faults import lives
from tests.faults.lives import SECONDS, Lives, alive, programs_of, until
from tests.smollm2 import fake

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
INT, KILL = getattr(signal, "SIGINT", 2), getattr(signal, "SIGKILL", 9)
NONE_LEFT = "no program is left, and its folder is gone or dropped by the next start"
STAGES = (
    *("before the folder", "after the folder", "before the fork", "between fork and note"),
    *("while waiting", "as it becomes ready"),
)
SLEEPER = """
    import time
    def main():
        print("ready", flush=True)
        time.sleep(120)
"""
OWNER = """
    import json, os, sys
    from helpers.processes import Child
    child = Child("sleeper:main", name="sleeper", prefix="tests-life-", environment=os.environ)
    child.wait(lambda: child.log() or None, seconds=60)
    print(json.dumps({"pid": child.pid, "log": child.log()}), flush=True)
    sys.stdin.read()
    print(json.dumps({"running": child.running}), flush=True)
    child.discard()
"""


@pytest.fixture
def kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lives]:
    """Starts kernels whose temporary folder is this process's too."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    yield from lives.fixture(tmp_path)


def starting(kernels: Lives, what: str, stage: str, number: int) -> subprocess.Popen[str]:
    kernels.write("fake_smollm2", fake.SOURCE)
    return kernels.kernel(lives.KERNEL, what, stage, str(number))


def left_in(kernels: Lives) -> list[str]:
    """Return what stays in the temporary folder when the next program of each kind is started."""
    for prefix in ("litellm-tutorial-proxy-", "litellm-tutorial-smollm2-", "tests-life-"):
        folders.reap(prefix)
    return [each.name for each in kernels.temporary.iterdir()]


# Starting a program


@pytest.mark.parametrize(
    ("what", "stage"),
    [
        case("proxy", stage, broken=f"an interrupt of a proxy's start {stage}", holds=NONE_LEFT)
        for stage in STAGES
    ]
    + [
        case("smollm2", stage, broken=f"an interrupt of SmolLM2's start {stage}", holds=NONE_LEFT)
        for stage in ("between fork and note", "while waiting")
    ],
)
def test_an_interrupted_start(kernels, what, stage):
    kernel = starting(kernels, what, stage, INT)
    assert lives.told(kernel) == {"outcome": "interrupted", "left": []}
    assert programs_of(kernel.pid) == []
    kernel.communicate("")
    assert left_in(kernels) == []


@pytest.mark.parametrize(
    ("what", "stage"),
    [
        case("proxy", stage, broken=f"SIGKILL of the kernel {stage} of a proxy", holds=NONE_LEFT)
        for stage in STAGES
    ]
    + [
        case("smollm2", stage, broken=f"SIGKILL of the kernel {stage} of SmolLM2", holds=NONE_LEFT)
        for stage in ("between fork and note", "while waiting")
    ],
)
def test_a_killed_start(kernels, what, stage):
    kernel = starting(kernels, what, stage, KILL)
    assert kernel.wait(60) == -KILL
    until(lambda: programs_of(kernel.pid) == [], seconds=SECONDS)
    assert left_in(kernels) == []


@fault("two interrupts, the second while the first is cleaned up", NONE_LEFT)
@pytest.mark.usefixtures("interruptible")
def test_an_impatient_learner(kernels, monkeypatch):
    kernels.write("sleeper", SLEEPER)
    end = watchdog.end

    def interrupted_end(pid: int) -> None:
        os.kill(os.getpid(), INT)
        end(pid)

    def interrupted_note(folder: Path, pid: int | None = None) -> None:
        if pid is not None:
            os.kill(os.getpid(), INT)

    monkeypatch.setattr(watchdog, "end", interrupted_end)
    monkeypatch.setattr(notes, "note", interrupted_note)
    with pytest.raises(KeyboardInterrupt):
        sleeping(kernels)
    assert programs_of(os.getpid()) == [] and list(kernels.temporary.iterdir()) == []


def sleeping(kernels: Lives) -> Child:
    given = kernels.environment
    return Child("sleeper:main", name="sleeper", prefix="tests-life-", environment=given)


@fault("the folder for temporary files takes nothing when a program starts", "told in one sentence")
def test_no_room_for_a_program(kernels, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(notes, "note", full)
    with pytest.raises(ChildError, match="could not be started: .*No space left.*TMPDIR"):
        sleeping(kernels)
    assert list(kernels.temporary.iterdir()) == []


# A program that runs


def owner(kernels: Lives, source: str = SLEEPER) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """Start a kernel that has started a program; return it and what it tells of the program."""
    kernels.write("sleeper", source)
    kernel = kernels.kernel(OWNER)
    return kernel, lives.told(kernel)


STUBBORN = """
    import signal, time
    def main():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ready", flush=True)
        while True:
            time.sleep(120)
"""
CLOCK = """
    import itertools, time
    jumps = itertools.cycle([86_400.0, -86_400.0])
    now = time.time
    time.time = lambda: now() + next(jumps)
    def main():
        print("ready", flush=True)
        time.sleep(120)
"""
PARENT = """
    import subprocess, sys, time
    def main():
        inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
        print(inner.pid, flush=True)
        time.sleep(120)
"""


@pytest.mark.parametrize(
    "source",
    [
        case(
            SLEEPER, broken="SIGKILL of the kernel", holds="its program ends, and its folder goes"
        ),
        case(
            STUBBORN,
            broken="SIGKILL of the kernel of a program that ignores SIGTERM",
            holds="it ends all the same",
        ),
        case(
            CLOCK,
            broken="SIGKILL of the kernel of a program whose clock jumps a day back and forth",
            holds="it ends all the same",
        ),
    ],
)
def test_a_killed_kernel(kernels, source):
    kernel, program = owner(kernels, source)
    kernel.kill()
    kernel.wait()
    until(lambda: not alive(program["pid"]), seconds=SECONDS)
    assert left_in(kernels) == []


@fault("SIGKILL of the kernel of a program that has started another", "both end")
def test_a_killed_kernel_with_a_grandchild(kernels):
    kernel, program = owner(kernels, PARENT)
    inner = int(program["log"])
    kernel.kill()
    kernel.wait()
    until(lambda: not (alive(program["pid"]) or alive(inner)), seconds=SECONDS)


@fault("the laptop sleeps and wakes: the kernel is stopped for a while", "its program runs on")
def test_a_kernel_that_sleeps(kernels):
    kernel, program = owner(kernels)
    kernel.send_signal(signal.SIGSTOP)
    until(lambda: psutil.Process(kernel.pid).status() == psutil.STATUS_STOPPED)
    time.sleep(2 * watchdog.INTERVAL)  # the watchdog looks at least once meanwhile
    assert alive(program["pid"])
    kernel.send_signal(signal.SIGCONT)
    kernel.stdin.close()
    assert lives.told(kernel) == {"running": True}


@fault("the kernel is killed while its program sleeps", "the program ends once it wakes")
def test_a_program_that_sleeps(kernels):
    kernel, program = owner(kernels)
    os.kill(program["pid"], signal.SIGSTOP)
    kernel.kill()
    kernel.wait()
    os.kill(program["pid"], signal.SIGCONT)
    until(lambda: not alive(program["pid"]), seconds=SECONDS)


@fault("SIGKILL of a program", "its kernel sees that, and starts another")
def test_a_killed_program(kernels):
    kernels.write("sleeper", SLEEPER)
    first = sleeping(kernels)
    os.kill(first.pid, KILL)
    assert first.ended(within=SECONDS) and not first.running
    first.stop()
    second = sleeping(kernels)
    assert second.running
    for one in (first, second):
        one.discard()
    assert list(kernels.temporary.iterdir()) == []


@fault("the owner is gone before the program looks, and another process has its id", "it ends")
def test_a_reused_owner(kernels):
    kernels.write("sleeper", SLEEPER)
    command = watchdog.command("sleeper:main")
    command[command.index(str(os.getpid()))] = str(os.getppid())
    program = kernels.start(*command[1:])
    assert program.wait(60) != 0


@fault("the wall clock jumps while a program is waited for", "neither too early nor for ever")
def test_a_wait_while_the_clock_jumps(kernels, monkeypatch):
    kernels.write("sleeper", SLEEPER)
    now, jumps = time.time, iter(range(0, 10**9, 86_400))
    monkeypatch.setattr(time, "time", lambda: now() + next(jumps))
    child = sleeping(kernels)
    try:
        assert child.wait(lambda: child.log() or None, seconds=60).strip() == "ready"
        with pytest.raises(ChildError, match="did not answer within"):
            child.wait(lambda: None, seconds=0.2)
    finally:
        child.discard()


# What is left in the temporary folder


def a_link(place: Path, victim: Path) -> None:
    (victim / "owner.json").write_text('{"owner": [4194305, 1.0]}')
    place.symlink_to(victim)


def with_note(note: str) -> Callable[[Path, Path], None]:
    def make(place: Path, victim: Path) -> None:
        place.mkdir()
        (place / "owner.json").write_text(note)

    return make


def with_a_pipe(place: Path, victim: Path) -> None:
    place.mkdir()
    os.mkfifo(place / "owner.json")


def with_a_linked_note(place: Path, victim: Path) -> None:
    place.mkdir()
    (victim / "note").write_text('{"owner": [4194305, 1.0]}')
    (place / "owner.json").symlink_to(victim / "note")


@pytest.mark.parametrize(
    "make",
    [
        case(a_link, broken="a link in the place of a folder", holds="left, and what it leads to"),
        case(with_a_pipe, broken="a pipe in the place of the note", holds="left, without a wait"),
        case(with_a_linked_note, broken="the note is a link", holds="not followed"),
        case(with_note("[" * 3000), broken="a note 3,000 deep", holds="left alone"),
        case(with_note('{"owner": [1e999, 0]}'), broken="an infinite id", holds="left alone"),
        case(with_note('{"owner": [-1, 0]}'), broken="a negative id", holds="left alone"),
        case(with_note(" " * 10**6), broken="a note of a megabyte", holds="left alone"),
        case(with_note('{"owner": {}}'), broken="a note without an owner", holds="left alone"),
    ],
)
def test_a_folder_that_cannot_be_judged(kernels, tmp_path, make):
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "precious").touch()
    place = kernels.temporary / "tests-life-4194305-left"
    make(place, victim)
    folders.reap("tests-life-")
    assert os.path.lexists(place) and (victim / "precious").exists()


@fault("a folder of our name is another user's", "left alone, and taken away by its own user")
def test_another_users_folder(kernels, monkeypatch):
    place = kernels.temporary / "tests-life-4194305-left"
    place.mkdir()
    with monkeypatch.context() as another:
        another.setattr(os, "getuid", lambda: place.stat().st_uid + 1)
        folders.reap("tests-life-")
        assert place.is_dir()
    folders.reap("tests-life-")
    assert not place.exists()


@pytest.mark.parametrize(
    "which",
    [
        case("ours", broken="a note says that our own process was left", holds="it goes on"),
        case("other", broken="a program's id is another process's by now", holds="that goes on"),
    ],
)
def test_a_note_of_another_process(kernels, which):
    other = kernels.start("-c", "input()")
    pid = os.getpid() if which == "ours" else other.pid
    place = kernels.temporary / "tests-life-4194305-left"
    place.mkdir()
    (place / "owner.json").write_text(json.dumps({"owner": [4194305, 1.0], "process": pid}))
    folders.reap("tests-life-")
    assert other.poll() is None and not place.exists()


# Many at once

TEN = """
    import json, os, signal, sys
    from helpers import services, session
    from helpers.session import preparation
    ready, go = os.pipe(), os.pipe()
    kernels = []
    for number in range(10):
        pid = os.fork()
        if pid == 0:
            started = session.start("replay")
            path = str(services.state_of(started.app).langsmith.store.path)
            os.write(ready[1], (json.dumps([os.getpid(), started.url, path]) + "\\n").encode())
            os.close(go[1])
            os.read(go[0], 1)
            session.stop()
            os._exit(0)
        kernels.append(pid)
    lines = open(ready[0])
    print(json.dumps([json.loads(lines.readline()) for _ in kernels]), flush=True)
    sys.stdin.readline()
    for pid in kernels[:5]:
        os.kill(pid, signal.SIGKILL)
    os.close(go[1])
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in kernels]))
"""


@fault("ten kernels at once, and five are killed", "ten ports and folders; the next start sweeps")
def test_ten_kernels(kernels):
    ten = kernels.kernel(TEN)
    started = lives.told(ten)
    urls, paths = {url for _, url, _ in started}, {path for _, _, path in started}
    assert len(urls) == len(paths) == 10
    assert all(httpx.get(f"{url}/info").status_code == 401 for url in urls)
    ten.stdin.write("go on\n")
    ten.stdin.flush()
    assert sorted(lives.told(ten)) == [-KILL] * 5 + [0] * 5
    assert len(list(kernels.temporary.iterdir())) == 5
    with folders.temporary("litellm-tutorial-") as folder:
        assert list(kernels.temporary.iterdir()) == [folder]


TWO = """
    import json, sys
    from helpers.proxy import launch
    sys.stdin.readline()
    started = launch.start("config.yaml", port=int(sys.argv[1]))
    print(json.dumps({"port": started.port, "pid": started.pid}), flush=True)
    sys.stdin.readline()
    launch.stop()
"""


@fault("two notebooks start a proxy on one port at once", "one has it, the other a free one")
def test_two_proxies_on_one_port(kernels):
    port = free_port()
    two = [kernels.kernel(TWO, str(port)) for _ in range(2)]
    for one in two:
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [lives.told(one) for one in two]
    assert len({each["port"] for each in told}) == 2 and port in {each["port"] for each in told}
    assert all(alive(each["pid"]) for each in told)
    for one in two:
        one.communicate("end\n")
    assert not any(alive(each["pid"]) for each in told)


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


# A service


class Served:
    """A ``serve`` in a process of its own, and what it has acknowledged."""

    def __init__(self, kernels: Lives, *options: str) -> None:
        self.process = kernels.start("-m", "helpers", "serve", *options, cwd=ROOT)
        lines = [self.process.stdout.readline() for _ in range(8)]
        told = dict(re.findall(r"(\w+)=(\S+)\n", "".join(lines)))
        self.url, self.key = told["LANGSMITH_ENDPOINT"], told["LANGSMITH_API_KEY"]
        self.acknowledged: list[str] = []
        self._ended = threading.Event()

    def send(self) -> None:
        """Send batches one after another until the service is gone."""
        with httpx.Client(headers={"x-api-key": self.key}, trust_env=False) as client:
            while not self._ended.is_set():
                runs = [complete_run() for _ in range(5)]
                try:
                    answer = client.post(f"{self.url}/runs/batch", json={"post": runs})
                except httpx.TransportError:
                    return
                if answer.status_code == 202:
                    self.acknowledged += [run["id"] for run in runs]

    @contextlib.contextmanager
    def loaded(self) -> Iterator[None]:
        """Send from four threads; the block begins once each has had some answers."""
        threads = [threading.Thread(target=self.send) for _ in range(4)]
        for each in threads:
            each.start()
        try:
            until(lambda: len(self.acknowledged) > 200)
            yield
        finally:
            self._ended.set()
            for each in threads:
                each.join()


def complete_run() -> dict[str, Any]:
    ident = str(uuid.uuid4())
    return {
        "id": ident,
        "trace_id": ident,
        "dotted_order": f"20260101T000000000000Z{ident}",
        "name": "under load",
        "run_type": "chain",
        "session_name": "load",
        "start_time": "2026-01-01T00:00:00Z",
        "end_time": "2026-01-01T00:00:01Z",
        "inputs": {"text": "x" * 500},
    }


def kept_in(path: Path) -> set[str]:
    store = Store(path)
    try:
        return {row["id"] for row in store.connection().execute("SELECT id FROM runs")}
    finally:
        store.close()


@pytest.mark.parametrize(
    "number",
    [
        case(KILL, broken="SIGKILL of serve under load", holds="all that it acknowledged is there"),
        case(
            getattr(signal, "SIGTERM", 15),
            broken="SIGTERM of serve while requests run",
            holds="it ends in order, and all that it acknowledged is there",
        ),
        case(INT, broken="Ctrl+C of serve while requests run", holds="the same as for SIGTERM"),
    ],
)
def test_a_service_under_load(kernels, tmp_path, number):
    path = tmp_path / "kept.sqlite"
    served = Served(kernels, "--database", str(path))
    with served.loaded():
        served.process.send_signal(number)
        assert served.process.wait(SECONDS) == (-KILL if number == KILL else 0)
    assert "Traceback" not in served.process.stderr.read()
    assert set(served.acknowledged) <= kept_in(path)
    assert len(served.acknowledged) > 200
    with folders.temporary("litellm-tutorial-serve-") as folder:
        assert list(kernels.temporary.iterdir()) == [folder]


@fault("two services write to one database at once", "both go on, and all of both is there")
def test_two_services_on_one_database(kernels, tmp_path):
    path = tmp_path / "shared.sqlite"
    two = [Served(kernels, "--database", str(path)) for _ in range(2)]
    with two[0].loaded(), two[1].loaded():
        pass
    for one in two:
        one.process.terminate()
        assert one.process.wait(SECONDS) == 0
    assert set(two[0].acknowledged + two[1].acknowledged) <= kept_in(path)


@fault("a second service on the same port", "told in one sentence, and the first goes on")
def test_two_services_on_one_port(kernels):
    first = Served(kernels)
    port = first.url.rsplit(":", 1)[1]
    second = kernels.start("-m", "helpers", "serve", "--port", port, cwd=ROOT)
    _, said = second.communicate(timeout=60)
    assert second.returncode == 2 and said.count("\n") == 1 and "cannot be used" in said
    answer = httpx.get(f"{first.url}/info", headers={"x-api-key": first.key}, trust_env=False)
    assert answer.status_code == 200
