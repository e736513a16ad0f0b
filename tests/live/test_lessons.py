"""Every lesson live: against providers that are not the recordings, and a LangSmith of others.

Each lesson is run by nbval, as in replay, with ``TUTORIAL_MODE=live``: once with a provider that
obeys and says other words (``scripted``), once with SmolLM2 under other sampling (``sampled``,
where it is installed). Traces go to a LangSmith in another process that is a second late, needs a
workspace, and has other people's projects (``hosted``), while a second learner works in it. Every
cell has to run, and those whose output does not depend on the model have to say what is stored.
The table of what came of it is printed at the end. It takes half an hour, and not every lesson
passes yet, so it has to be asked for: ``pytest tests/live/test_lessons.py --live``.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from starlette.applications import Starlette

from helpers import smollm2
from helpers.paths import ROOT
from helpers.serving.guard import Door, Guard
from helpers.serving.server import Server
from helpers.testing.files import lessons, parse, text_of
from helpers.testing.live import is_of_the_model
from tests.live import sampled, scripted
from tests.live.hosted import STRANGERS, hosted
from tests.live.second import SecondLearner

LESSONS = [path for path in lessons() if path.parent.name == "notebooks"]
LEAST = 85  # percent of the cells with output that are compared
PLUGINS = ("helpers.testing", "helpers.testing.options", "nbval.plugin")
PLUGINS += tuple(f"helpers.testing.{name}" for name in ("live", "outputs", "programs"))
OWN = re.compile(r"LANGSMITH|LANGCHAIN|OPENAI|TUTORIAL|.*_API_KEY")


@dataclass(frozen=True)
class Live:
    """A provider that runs, the variables that lead to it and to LangSmith, and its log."""

    provider: str
    environment: dict[str, str]
    log: list[int]
    folder: Path


@pytest.fixture(scope="module", params=["scripted", "sampled"])
def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    if not request.config.getoption("--live"):
        pytest.skip("it was not asked for by --live")
    if request.param == "sampled" and not smollm2.available():
        pytest.skip(f"SmolLM2 is not installed: {smollm2.INSTALL}")
    folder, log = tmp_path_factory.mktemp("live"), []
    with contextlib.ExitStack() as opened:
        if request.param == "sampled":
            app: Starlette = sampled.create_app(opened.enter_context(smollm2.running()), log)
        else:
            app = scripted.create_app(log)
        guard = Guard(app, lambda path: Door(None), log=folder / "failures.log")
        provider = opened.enter_context(Server(guard, name="provider"))
        there = opened.enter_context(hosted(folder))
        opened.enter_context(SecondLearner(there))
        yield Live(request.param, environment(provider.url, there, folder), log, folder)


def environment(provider: str, langsmith: dict[str, str], folder: Path) -> dict[str, str]:
    """What a learner has set: two keys, an address each, a workspace, and files of their own."""
    clean = {name: value for name, value in os.environ.items() if not OWN.match(name)}
    own = {"TUTORIAL_MODE": "live", "TUTORIAL_LEARNER": "ada"}
    own |= {"TUTORIAL_PROGRESS": str(folder / "progress.json")}
    own |= {"TUTORIAL_PROJECTS": str(folder / "projects.json")}
    keys = {"OPENAI_BASE_URL": f"{provider}/v1", "OPENAI_API_KEY": scripted.KEY}
    return clean | own | keys | langsmith | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def run(path: Path, there: Live) -> list[dict[str, Any]]:
    """Run a lesson and return the result of each code cell (see ``helpers.testing.outputs``)."""
    target = there.folder / f"{path.stem}.json"
    plugins = [part for plugin in PLUGINS for part in ("-p", plugin)]
    command = [sys.executable, "-m", "pytest", *plugins, "-p", "no:cacheprovider", "--noconftest"]
    command += ["-c", str(ROOT / ".pytest.ini"), "--rootdir", str(ROOT), "-q", "--live"]
    done = subprocess.run(
        [*command, f"--outputs-to={target}", str(path)],
        cwd=ROOT,
        env=there.environment,
        capture_output=True,
        text=True,
    )
    assert target.exists(), done.stdout[-3000:] + done.stderr[-3000:]
    return list(json.loads(target.read_text("utf-8")))


def says(cell: NotebookNode) -> bool:
    return any(output.output_type != "error" for output in cell.outputs)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name[:2])
def test_a_lesson_is_as_true_as_in_replay(path: Path, live: Live, record_property: Any):
    codes = [cell for cell in parse(text_of(path)).cells if cell.cell_type == "code"]
    began, before = time.monotonic(), len(live.log)
    results = run(path, live)
    taken, asked = time.monotonic() - began, live.log[before:]
    failed = {r["number"]: r["error"] for r in results if r["error"]}
    other = {
        r["number"]: shown(r["outputs"])
        for r in results
        if not (r["same"] or r["error"] or is_of_the_model(codes[r["number"]]))
    }
    telling = [cell for cell in codes if says(cell)]
    model = [cell for cell in telling if is_of_the_model(cell)]
    compared = len(telling) - len(model)
    row = (path.name[:2], live.provider, len(asked), sum(asked), taken, compared, len(model))
    record_property("live", row)
    assert failed == {} and other == {}
    assert compared * 100 >= LEAST * len(telling)


def shown(outputs: list[Any]) -> str:
    texts = [
        o.get("text") or o.get("data", {}).get("text/plain") or o.get("evalue") for o in outputs
    ]
    return "\n".join(str(text) for text in texts)


def test_the_course_removes_its_own_projects_and_leaves_those_of_others(live: Live):
    command = [sys.executable, "-m", "helpers", "clean", "--yes"]
    done = subprocess.run(command, cwd=ROOT, env=live.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    left = projects(live)
    assert set(STRANGERS) <= set(left)
    assert [name for name in left if name.endswith("-of-ada")] == []
    assert [name for name in left if name.endswith("-of-ben")]


def projects(there: Live) -> list[str]:
    from langsmith import Client

    own = there.environment
    client = Client(
        api_url=own["LANGSMITH_ENDPOINT"],
        api_key=own["LANGSMITH_API_KEY"],
        workspace_id=own["LANGSMITH_WORKSPACE_ID"],
    )
    time.sleep(1.5)  # what was deleted can be read for so long
    return [str(project.name) for project in client.list_projects()]


def test_no_key_is_in_a_file_that_was_left(live: Live):
    keys = [scripted.KEY, live.environment["LANGSMITH_API_KEY"]]
    files = [path for path in live.folder.rglob("*") if path.is_file()]
    files += [path for path in (ROOT / "notebooks").rglob("*") if path.is_file()]
    found = [path for path in files if any(key.encode() in path.read_bytes() for key in keys)]
    assert found == []
