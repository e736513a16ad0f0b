"""Each section of each lesson runs alone, after the lesson's first cell, in a kernel of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from helpers.paths import NOTEBOOKS
from helpers.testing.files import lessons, parse, text_of
from tests.lessons.sections import alone

LESSONS = [path for path in lessons() if path.parent.name == "notebooks"]
SECTIONS = [
    pytest.param(section, id=f"{path.name[:2]}-{title}".replace(" ", "_"))
    for path in LESSONS
    for title, section in alone(parse(text_of(path)))
]


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_runs_after_the_first_cell_alone(section: NotebookNode, tmp_path: Path):
    own = {"TUTORIAL_MODE": "replay", "TUTORIAL_PACE": "0", "TUTORIAL_OFFLINE": "1"}
    own |= {"TUTORIAL_PROGRESS": str(tmp_path / "progress.json")}
    client = NotebookClient(
        section,
        timeout=120,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
        kernel_name="python3",
    )
    client.execute(env={**os.environ, **own})
