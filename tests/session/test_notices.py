"""What a learner is told beneath a cell, in a real shell of IPython."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from helpers import session
from helpers.paths import ROOT
from helpers.session.notices import Notices, sentence

ASK = """
import httpx, os
def ask(prompt, **more):
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": prompt}], **more}
    key = {"authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
    url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    return httpx.post(url, json=body, headers=key).status_code
"""
RECORDED = "ask('What is HTTP? Answer in one sentence.', temperature=0)"
CHANGED = "ask('What is a zebra?')"


@pytest.fixture
def shell():
    """A shell, which is this process's for as long as a test runs."""
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    made.run_cell(ASK)
    yield made
    session.stop()
    InteractiveShell.clear_instance()


@pytest.fixture
def lenient(monkeypatch):
    """A learner's session: not strict, no keys, no model installed."""
    monkeypatch.delenv("TUTORIAL_STRICT", raising=False)
    monkeypatch.setattr("helpers.smollm2.available", lambda: False)
    return session.start("replay")


def told(shell, code: str) -> list[str]:
    """Return the sentences that a cell leaves beneath it."""
    with capture_output() as captured:
        assert shell.run_cell(code).success
    return [output.data["text/plain"] for output in captured.outputs]


def test_a_changed_prompt_is_told_beneath_its_cell_once(shell, lenient):
    (said,) = told(shell, f"codes = [{CHANGED}, {CHANGED}]")
    assert said == (
        "This cell asked what has no recording, and was answered by a stand-in, which is no model "
        "and has neither tokens nor cost."
    )
    assert told(shell, "codes") == []


def test_a_recorded_prompt_is_not_told(shell, lenient):
    assert told(shell, f"code = {RECORDED}") == [] and shell.user_ns["code"] == 200


def test_a_strict_session_tells_nothing_beneath_a_cell(shell, monkeypatch):
    monkeypatch.setenv("TUTORIAL_STRICT", "1")
    session.start("replay")
    assert told(shell, f"code = {CHANGED}") == [] and shell.user_ns["code"] == 400


def test_nothing_of_a_session_stays_in_the_shell(shell, lenient):
    before = len(shell.events.callbacks["post_run_cell"])
    session.stop()
    assert len(shell.events.callbacks["post_run_cell"]) == before - 1


def test_a_session_that_replaces_another_tells_once(shell, lenient):
    session.start("auto")
    assert len(told(shell, f"code = {CHANGED}")) == 1


def test_to_stop_twice_or_without_a_shell_does_no_harm(shell):
    notices = Notices([])
    notices.stop()
    notices.start()
    notices.stop()
    notices.stop()
    assert not any(
        isinstance(getattr(each, "__self__", None), Notices)
        for each in shell.events.callbacks["post_run_cell"]
    )


def test_each_who_answered_is_named_once():
    assert sentence(["a", "b", "a"]).endswith("was answered by a and b.")


def test_a_plain_script_is_told_nothing(tmp_path: Path, monkeypatch):
    monkeypatch.delenv("TUTORIAL_STRICT", raising=False)
    script = tmp_path / "script.py"
    script.write_text(
        "from helpers import session, smollm2\n"
        "smollm2.available = lambda: False\n"
        f"session.start('replay')\n{ASK}\nprint({CHANGED})\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("200\n", "")
