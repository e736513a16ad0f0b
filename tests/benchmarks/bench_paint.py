"""How long it takes until something is seen: the explorer, a page of the service, a trace.

    python tests/benchmarks/bench_paint.py

In JupyterLab and Chromium as ``tests/browser`` has them, from the run of a cell, or from the
opening of a page, to its paint: the first time, the median of all rounds in milliseconds, and the
median's ratio to the floor, which is the same browser with next to nothing to show. The budget is
one second on a machine that does nothing else; the load of this one stands first and last.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser import chromium, lab

ROUNDS = 5
TRACES, PAGED, RUNS = 1000, 100, 200  # in the explorer, on the page, in the tree
BEGIN = f"""import os, sys
for name in ("PYTEST_VERSION", "TUTORIAL_STRICT"):
    os.environ.pop(name, None)
sys.path.insert(0, "..")
from helpers import session, traces
started = session.start("replay")
os.environ["LANGSMITH_TRACING"] = "true"
import anywidget, langsmith
from IPython.display import HTML

class Empty(anywidget.AnyWidget):
    _esm = "export default {{ render({{ el }}) {{ el.className = 'empty-widget' }} }}"

asked = {{"messages": [{{"role": "user", "content": "What is a cache?"}}]}}
said = {{"role": "assistant", "content": "A cache keeps what is asked for often. " * 5}}
def run(name, project):
    with langsmith.trace(name, "llm", inputs=asked, project_name=project) as made:
        made.end(outputs=said)

for n in range({TRACES}):
    run("many", "many")
for n in range({PAGED}):
    run("paged", "paged")
with langsmith.trace("root", project_name="tree"):
    for n in range({RUNS - 1}):
        run(f"child {{n}}", "tree")
traces.show(project="tree", timeout=60)"""
PAINTED = """async ([code, selector]) => {
    const { shell, commands } = window.jupyterapp;
    const notebook = shell.currentWidget.content;
    notebook.activeCellIndex = notebook.widgets.length - 1;
    await commands.execute('notebook:insert-cell-below');
    notebook.activeCell.model.sharedModel.setSource(code);
    const count = () => document.querySelectorAll(selector).length;
    const before = count(), began = performance.now();
    commands.execute('notebook:run-cell');
    while (count() <= before) await new Promise(requestAnimationFrame);
    await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)));
    return performance.now() - began;
}"""
DELETE = """async () => {
    await window.jupyterapp.commands.execute('notebook:delete-cell');
}"""
FIRST_PAINT = """async () => {
    const found = () => performance.getEntriesByName('first-contentful-paint')[0];
    while (!found()) await new Promise(requestAnimationFrame);
    return found().startTime;
}"""
IDLE_FLOOR, WIDGET_FLOOR = "floor: an empty output", "floor: an empty widget"
PAGE_FLOOR = "floor: an empty page"
EXPLORE, LAST = 'traces.explore(project="many")', f".xp-row:nth-child({TRACES})"
# The code of a cell, what is painted then, and what is there once the kernel has done with it.
CELLS = {
    IDLE_FLOOR: ('HTML("<p class=empty-output>.")', ".empty-output", ".empty-output"),
    f"show() of a tree of {RUNS} runs": ('traces.show(project="tree")', ".trace", ".trace"),
    WIDGET_FLOOR: ("Empty()", ".empty-widget", ".empty-widget"),
    f"the explorer, {TRACES:,} traces": (EXPLORE, ".xp-row", LAST),
    f"the explorer, all {TRACES:,} listed": (EXPLORE, LAST, LAST),
}


def rounds(measure: Callable[[], float]) -> list[float]:
    """Return what ``measure`` gives, in milliseconds, several times."""
    return [measure() for _ in range(ROUNDS)]


def cell(page: Any, code: str, selector: str, last: str) -> float:
    """Run a cell, and return how long it took to be painted; then it is gone."""
    took = float(page.evaluate(PAINTED, [code, selector]))
    page.locator(last).last.wait_for(state="attached")
    page.wait_for_function(lab.IDLE)
    page.evaluate(DELETE)
    return took


def opening(page: Any, url: str) -> float:
    """Open a page, and return how long its first paint took."""
    page.goto(url)
    return float(page.evaluate(FIRST_PAINT))


def of_cells(page: Any) -> dict[str, list[float]]:
    """Measure what cells show."""
    return {name: rounds(partial(cell, page, *asked)) for name, asked in CELLS.items()}


def of_pages(page: Any, top: str, empty: Path) -> dict[str, list[float]]:
    """Measure the page of a project, whose list the link ``top`` leads to, and an empty one."""
    empty.write_text("<!doctype html><title>empty</title><p>.", "utf-8")
    page.goto(top)
    page.get_by_role("link", name="paged").click()
    url = page.url
    return {
        PAGE_FLOOR: rounds(partial(opening, page, empty.as_uri())),
        f"the page of a project, {PAGED} traces": rounds(partial(opening, page, url)),
    }


def told(found: dict[str, list[float]]) -> None:
    """Print a line for each figure; the floor of a figure is the last one above it."""
    floor = 0.0
    for name, took in found.items():
        median = statistics.median(took)
        floor = median if name.startswith("floor") else floor
        print(f"{name:<42} {took[0]:7.0f} {median:7.0f} ms  ratio {median / floor:6.1f}")


def load() -> str:
    """Return how busy the machine is."""
    return f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors"


def main() -> None:
    """Print the figures."""
    if reason := chromium.missing():
        sys.exit(f"Nothing is measured: {reason}")
    print(load())
    print(f"{'':<42} {'first':>7} {'median':>7}")
    with tempfile.TemporaryDirectory() as name, chromium.started() as browser:
        folder = Path(name)
        with lab.serving(folder) as jupyter:
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            opened = jupyter.open(page, jupyter.write("Untitled_paint.ipynb", [BEGIN]))
            opened.run_all()
            told(of_cells(page))
            top = opened.run("started.page").strip("'")
            told(of_pages(browser.new_page(), top, folder / "empty.html"))
            jupyter.end_kernels()
    print(load())


if __name__ == "__main__":
    main()
