"""A lesson as it is opened first, untrusted, and as it is when it was saved and opened again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from helpers.paths import NOTEBOOKS
from tests.browser.axe import faults
from tests.browser.lab import Lab, Opened

NAME = "Untitled_reopened.ipynb"
TRUSTED = "() => window.jupyterapp.shell.currentWidget.content.activeCell.model.trusted"
OURS = ".jp-RenderedHTML"


@pytest.fixture(scope="module")
def stored(jupyter: Lab, page: Any) -> Iterator[Opened]:
    """Lesson 00 as it comes, in a file that nobody has trusted."""
    shutil.copy(NOTEBOOKS / "00_start_here.ipynb", jupyter.folder / "notebooks" / NAME)
    yield jupyter.open(page, f"notebooks/{NAME}")
    jupyter.end_kernels()


def test_an_untrusted_notebook_shows_its_traces(stored: Opened, page: Any):
    assert page.evaluate(TRUSTED) is False
    traces = page.locator(f"{OURS}:has(details)")
    assert traces.count() >= 2 and "glossary" in traces.first.inner_text()
    assert page.locator(".jp-OutputArea-output", has_text="Error displaying").count() == 0


def test_an_untrusted_trace_opens_by_keyboard(stored: Opened, page: Any):
    fold = page.locator(f"{OURS} summary").first
    fold.focus()
    before = fold.evaluate("(each) => each.parentElement.open")
    page.keyboard.press("Enter")
    assert fold.evaluate("(each) => each.parentElement.open") != before
    page.keyboard.press("Enter")


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_no_grave_fault_in_what_was_stored(stored: Opened, page: Any, theme: str):
    stored.theme(theme)
    assert faults(page, OURS) == []


def test_an_explorer_whose_kernel_is_gone_leaves_the_static_view(page: Any, jupyter: Lab):
    cells = [
        'import sys\nsys.path.insert(0, "..")\nfrom helpers import session, traces',
        'session.start()\nimport os\nos.environ["LANGSMITH_TRACING"] = "true"',
        "import langsmith\nlangsmith.traceable(lambda: 1, name='kept')()\ntraces.explore()",
    ]
    path = jupyter.write("Untitled_gone.ipynb", cells)
    opened = jupyter.open(page, path)
    opened.run_all()
    page.wait_for_selector(".xp-row")
    assert not page.locator(".trace").is_visible()
    opened.save()
    jupyter.end_kernels()
    jupyter.open(page, path)
    page.wait_for_selector(".jp-OutputArea-output:has-text('model not found')")
    assert page.evaluate(TRUSTED) is True
    assert "kept" in page.locator(".trace").inner_text() and page.locator(".xp").count() == 0


def test_saved_and_opened_again_it_has_its_outputs(stored: Opened, page: Any, jupyter: Lab):
    stored.run_all()
    stored.save()
    jupyter.end_kernels()
    again = jupyter.open(page, f"notebooks/{NAME}")
    assert "glossary" in page.locator(f"{OURS}:has(details)").first.inner_text()
    assert all(cell["outputs"] for cell in again.cells() if "traces." in "".join(cell["source"]))
