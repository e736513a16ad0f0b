"""Keys that stand in the environment while a command works stand in nothing that it leaves.

Each command runs as a learner would run it: in a process of its own, with the keys of a provider
and of a LangSmith that are stand-ins, and of a dozen other services that nobody has asked. Then
what it said, each file in its folders (recordings, notebooks, temporary files, the home) and the
traces of that LangSmith are searched for all of them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers.paths import ROOT
from helpers.testing.files import parse, render
from tests.faults.leaks import OURS
from tests.faults.worlds import MARK, OF_OTHERS, OF_SERVICES
from tests.live import running, scripted
from tests.live.hosted import hosted
from tests.live.running import Live

# What a lesson does: a call that is traced by the SDK, one that the callback reports, and a look.
VISIT = """\
import os, sys
from helpers import session
WRONG = "sk-proj-" + "planted" + "0123456789abcdef"  # worlds.MARK, which no notebook may hold
print(session.start())
os.environ |= {"LANGSMITH_TRACING": "true", "LANGSMITH_BATCH_SIZE": "1"}
import litellm
from langsmith import traceable
from helpers import traces

litellm.callbacks = ["langsmith"]
messages = [{"role": "user", "content": "What is HTTP? Answer in one sentence."}]

@traceable
def define(term):
    call = litellm.completion(model="gpt-4o-mini", messages=messages, temperature=0)
    return call.choices[0].message.content

print(define("HTTP"))
print(traces.show("define", metadata=True))
"""
REFUSED = """
try:
    litellm.completion(model="gpt-4o-mini", messages=messages, api_key=WRONG)
except Exception as error:
    print(type(error).__name__)
"""
ASKED_WITH_A_KEY = """
messages[0]["content"] = "What is this? " + WRONG
try:
    define("it")
except Exception as error:
    assert "looks as if it held" in str(error), str(error)
else:
    raise AssertionError("it was answered")
"""
# A program in the place of SmolLM2, started as that is, which tells what it was given.
FAKE = """\
import json, os
from tests.processes.answering import Answering, serve

class Handler(Answering):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        given = os.environ | {"TUTORIAL_SMOLLM2_KEY": "its own"}
        told = json.dumps(sorted(given.values()))
        print(told, flush=True)
        choice = {"index": 0, "finish_reason": "stop"}
        choice |= {"message": {"role": "assistant", "content": "A protocol. " + told}}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        self.answer({"id": "1", "object": "chat.completion", "created": 0, "model": "smollm2",
                     "choices": [choice], "usage": usage})

def main():
    serve(Handler, "TUTORIAL_SMOLLM2_FOLDER")
"""
INSTALLED = """\
from helpers import smollm2
from helpers.smollm2 import process
process.TARGET = "fake_smollm2:main"
for module in (process, smollm2):
    module.available = lambda: True
"""


@pytest.fixture(scope="module")
def live(asked_for: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder, log = tmp_path_factory.mktemp("commands"), []
    (folder / "home").mkdir()
    with running.provided(scripted.create_app(log), folder) as url, hosted(folder) as there:
        planted = {f"{name}_API_KEY": f"sk-{MARK}" for name in OF_SERVICES.split()}
        planted |= dict.fromkeys(OF_OTHERS.split(), MARK)
        own = {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": scripted.KEY}
        own |= {"LANGSMITH_BASE_URL": there["LANGSMITH_ENDPOINT"]}
        own |= {"LANGSMITH_TENANT_ID": there["LANGSMITH_WORKSPACE_ID"]}
        own |= {"HOME": str(folder / "home")}
        keys = (scripted.KEY, there["LANGSMITH_API_KEY"], MARK)
        environment = running.learner(planted | there, folder, **own)
        del environment["LITELLM_LOCAL_MODEL_COST_MAP"]  # the commands themselves see to that
        yield Live("scripted", environment, log, folder, keys)


@pytest.fixture
def run(live: Live, request: pytest.FixtureRequest) -> Callable[..., str]:
    """Run Python with some arguments; what it says is a file of the folder that is searched."""

    def run(*arguments: str, expected: int = 0, **own: str) -> str:
        environment = live.environment | own
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        said = done.stdout + done.stderr
        (live.folder / f"{request.node.name}.log").write_text(said, "utf-8")
        assert done.returncode == expected, said[-3000:]
        return said

    return run


@pytest.fixture(autouse=True)
def _nothing_holds_a_key(live: Live) -> Iterator[None]:
    yield
    assert running.search(live) == []
    left = [path for path in live.folder.rglob("*") if path.is_file()]
    assert [path for path in left if OURS.search(path.read_bytes())] == []


def lesson(live: Live, *sources: str) -> Path:
    path = live.folder / "01_a_lesson.ipynb"
    path.write_text(render(new_notebook(cells=[new_code_cell(each) for each in sources])), "utf-8")
    return path


BEGIN = f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"


def test_record_and_then_refresh(live: Live, run: Callable[..., str]):
    path, recordings = lesson(live, BEGIN + VISIT, REFUSED), live.folder / "recordings"
    own = {"TUTORIAL_RECORDINGS": str(recordings)}
    said = run("-m", "helpers", "record", str(path), **own)
    assert live.log and "recorded recordings/what-is-http-" in said
    assert "cost map" not in said  # LiteLLM would fetch its prices
    assert "rewritten" in run("-m", "helpers", "record", "--again", str(path), **own)
    [kept] = recordings.glob("*.json")
    assert scripted.KNOWN["http"] in kept.read_text("utf-8")
    before = len(live.log)
    assert "written" in run("-m", "helpers", "refresh", str(path))
    shown = [str(cell.outputs) for cell in parse(path.read_text("utf-8")).cells]
    assert "define" in shown[0] and "AuthenticationError" in shown[1] and len(live.log) == before


def test_record_of_a_prompt_that_holds_a_key(live: Live, run: Callable[..., str]):
    path, recordings = lesson(live, BEGIN + VISIT, ASKED_WITH_A_KEY), live.folder / "two"
    run("-m", "helpers", "record", str(path), TUTORIAL_RECORDINGS=str(recordings))
    assert len(list(recordings.glob("*.json"))) == 1  # of the question before


@pytest.mark.parametrize("asking", [[], ["--ask"]], ids=["doctor", "doctor --ask"])
def test_doctor(live: Live, run: Callable[..., str], asking: list[str]):
    said = run("-m", "helpers", "doctor", *asking, TUTORIAL_MODE="live")
    assert "OPENAI_API_KEY" in said and ("takes the key" in said) is bool(asking)


def test_doctor_whose_keys_are_refused(live: Live, run: Callable[..., str]):
    wrong = {"OPENAI_API_KEY": f"sk-proj-{MARK}", "LANGSMITH_API_KEY": f"lsv2_pt_{MARK}"}
    said = run("-m", "helpers", "doctor", "--ask", expected=1, TUTORIAL_MODE="live", **wrong)
    assert "provider, asked" in said


def test_live_and_then_clean(live: Live, run: Callable[..., str]):
    before = len(live.log)
    said = run("-c", VISIT + REFUSED, TUTORIAL_MODE="live")
    assert scripted.KNOWN["http"] in said and "AuthenticationError" in said
    assert len(live.log) == before + 1
    assert "1 deleted." in run("-m", "helpers", "clean", "--yes")


def test_local(live: Live, run: Callable[..., str]):
    modules = live.folder / "modules"
    modules.mkdir()
    (modules / "fake_smollm2.py").write_text(FAKE, "utf-8")
    before = len(live.log)
    own = {"TUTORIAL_MODE": "local", "PYTHONPATH": str(modules)}
    said = run("-c", INSTALLED + VISIT, **own)
    assert "A protocol." in said and len(live.log) == before


def test_what_was_planted_would_be_found(live: Live):
    assert all(any(key in value for value in live.environment.values()) for key in live.keys)
