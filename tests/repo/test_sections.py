"""Each section of a lesson stands alone: after the first cell it can be run by itself.

A learner comes back after a restart, runs the first cell, and goes on where he was. Here ruff
looks for names that a section uses and does not make; ``tests/live/test_sections.py`` runs them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.testing.files import lessons, parse, render, text_of
from tests.lessons.sections import alone

LESSONS = [path for path in lessons() if path.parent.name == "notebooks"]


def missing(notebook: NotebookNode, folder: Path) -> list[str]:
    """Return what each section uses and does not make, as "section: name"."""
    folder.mkdir()
    titles = {}
    for number, (title, section) in enumerate(alone(notebook), start=1):
        titles[f"{number}.ipynb"] = title
        (folder / f"{number}.ipynb").write_text(render(section), "utf-8")
    if not titles:
        return []
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821"]
    command += ["--output-format", "json", "--no-cache", str(folder)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True).stdout)
    return sorted({f"{titles[Path(one['filename']).name]}: {one['message']}" for one in found})


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name[:2])
def test_a_section_makes_what_it_uses(path: Path, tmp_path: Path):
    assert missing(parse(text_of(path)), tmp_path / "sections") == []


def test_a_name_of_another_section_is_found(tmp_path: Path):
    cells = [
        new_code_cell("first = 1"),
        new_markdown_cell("## One"),
        new_code_cell("x = first\n!echo $x"),
        new_markdown_cell("## Two\n\n## Three"),
        new_code_cell("await x"),
    ]
    notebook = new_notebook(cells=cells)
    assert missing(notebook, tmp_path / "sections") == ["Three: Undefined name `x`"]
