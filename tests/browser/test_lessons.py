"""Each lesson in JupyterLab: Run All, and what a learner sees and can reach by keyboard then."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.paths import NOTEBOOKS
from helpers.testing.files import lessons
from tests.browser.axe import faults
from tests.browser.lab import Lab, Opened

LESSONS = [path for path in lessons() if path.parent == NOTEBOOKS]
PICTURED = ("00", "01", "05", "07", "11")
OURS = ".jp-RenderedHTML"
TRACE = f"{OURS}:has(details):visible"  # beside an explorer there is one that is hidden
# What is wider than its place and cannot be scrolled to.
CUT = """(ours) => [...document.querySelectorAll(ours)].filter((each) => {
    const scrolls = ['auto', 'scroll'].includes(getComputedStyle(each).overflowX);
    return each.scrollWidth > each.clientWidth + 2 && !scrolls;
}).map((each) => each.textContent.slice(0, 80))"""


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def lesson(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture(scope="module")
def opened(lesson: Path, jupyter: Lab, page: Any, complaints: list[str]) -> Iterator[Opened]:
    """The lesson after Run All."""
    if lesson.stem[:2] in ("03", "15") and shutil.which("curl") is None:
        pytest.skip("its cells need curl")
    complaints.clear()
    opened = jupyter.open(page, f"notebooks/{lesson.name}")
    opened.theme("Light")
    opened.run_all()
    yield opened
    opened.save()
    jupyter.end_kernels()


def test_every_cell_ran_and_none_failed_unasked(
    opened: Opened, lesson: Path, complaints: list[str]
):
    failed = [
        f"{output['ename']}: {output['evalue'][:200]}"
        for cell in opened.cells()
        for output in cell["outputs"]
        if output["output_type"] == "error" and "raises-exception" not in tags(cell)
    ]
    assert failed == []
    assert [prompt for prompt in opened.prompts() if not prompt[1:2].isdigit()] == []
    assert [said for said in complaints if "helpers" in said or "explorer" in said] == []


def test_each_trace_that_is_stored_is_seen(opened: Opened, lesson: Path):
    stored = [
        cell for cell in code(json.loads(lesson.read_text("utf-8"))) if "<details" in html(cell)
    ]
    seen = [cell for cell in opened.cells() if "<details" in html(cell)]
    assert [cell["id"] for cell in seen] == [cell["id"] for cell in stored]
    drawn = opened.page.locator(TRACE).count() + opened.page.locator(".xp").count()
    assert drawn >= len(stored)


def test_a_run_opens_and_closes_by_keyboard(opened: Opened):
    folds = opened.page.locator(f"{TRACE} summary")
    if not folds.count():
        return  # a lesson without a trace beneath a cell
    fold = folds.first
    fold.focus()
    before = is_open(fold)
    opened.page.keyboard.press("Enter")
    assert is_open(fold) != before
    opened.page.keyboard.press("Space")
    assert is_open(fold) == before


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_no_grave_fault(
    opened: Opened, lesson: Path, theme: str, looks: Callable[[Any, str], None]
):
    opened.theme(theme)
    assert faults(opened.page, OURS) == []
    if lesson.stem[:2] in PICTURED:
        looks(opened.page.locator(TRACE).first, f"{lesson.stem[:2]}-{theme.lower()}")


def test_on_a_phone_nothing_is_cut_off(opened: Opened):
    opened.page.set_viewport_size({"width": 390, "height": 844})
    try:
        assert opened.page.evaluate(CUT, OURS) == []
    finally:
        opened.page.set_viewport_size({"width": 1280, "height": 1000})


def code(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def html(cell: dict[str, Any]) -> str:
    """Return the HTML of a cell's outputs, which JupyterLab has as one text and a file as lines."""
    return "".join("".join(each.get("data", {}).get("text/html", "")) for each in cell["outputs"])


def tags(cell: dict[str, Any]) -> list[str]:
    found: list[str] = cell["metadata"].get("tags", [])
    return found


def is_open(fold: Any) -> bool:
    return bool(fold.evaluate("(each) => each.parentElement.open"))
