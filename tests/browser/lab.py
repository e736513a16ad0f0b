"""JupyterLab on a copy of the checkout, and a notebook in it as a learner has it open."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.paths import ROOT
from helpers.testing.files import METADATA

__all__ = ["Lab", "Opened", "serving"]

START_SECONDS, RUN_SECONDS = 180.0, 900.0
SETTLED_SECONDS = 5.0  # without a busy kernel: then what has not run will not
IGNORED = (".git", ".venv", "__pycache__", ".*_cache", "pictures")
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Every cell is in the page, also those that would have to be scrolled to.
    "notebook-extension/tracker": {"windowingMode": "none"},
}
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
IDLE = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
NOTEBOOK = "window.jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON()"
ADD_AND_RUN = """async (code) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = notebook.widgets.length - 1;
    await window.jupyterapp.commands.execute('notebook:insert-cell-below');
    notebook.activeCell.model.sharedModel.setSource(code);
    window.jupyterapp.commands.execute('notebook:run-cell');
}"""
THEME = """async (theme) => {
    await window.jupyterapp.commands.execute('apputils:change-theme', { theme });
}"""
EXECUTE = """async (code) => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    await kernel.requestExecute({ code, silent: true }).done;
}"""
RUN_ALL = """() => {
    window.ranAll = false;
    const ran = window.jupyterapp.commands.execute('notebook:run-all-cells');
    ran.then(() => { window.ranAll = true });
}"""
PROMPTS = f"{PANEL} .jp-CodeCell .jp-InputPrompt"
QUIET = f"""() => window.ranAll && {IDLE} &&
    ![...document.querySelectorAll('{PROMPTS}')].some((each) => each.textContent.includes('*'))"""


@dataclass(frozen=True)
class Lab:
    """A JupyterLab that serves ``folder``, a copy of the checkout, at ``url``."""

    url: str
    token: str
    folder: Path

    def ask(self, method: str, path: str) -> Any:
        """Return what the server's own API answers."""
        headers = {"Authorization": f"token {self.token}"}
        asked = urllib.request.Request(f"{self.url}/{path}", method=method, headers=headers)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def end_kernels(self) -> None:
        """End every kernel, so that the next notebook has the machine to itself."""
        for each in self.ask("GET", "api/sessions"):
            with contextlib.suppress(urllib.error.HTTPError):
                self.ask("DELETE", f"api/sessions/{each['id']}")

    def write(self, name: str, cells: Sequence[str]) -> str:
        """Write a notebook with these code cells beside the lessons; return its path."""
        from nbformat import v4, write

        path = self.folder / "notebooks" / name
        made = [v4.new_code_cell(cell) for cell in cells]
        write(v4.new_notebook(cells=made, metadata=METADATA), path)
        return f"notebooks/{name}"

    def open(self, page: Any, path: str) -> Opened:
        """Open a notebook of the copy in ``page``, and wait for its kernel."""
        page.goto(f"{self.url}/lab/tree/{path}?reset&token={self.token}")
        page.wait_for_selector(f"{PANEL} .jp-Cell", timeout=START_SECONDS * 1000)
        page.wait_for_function(IDLE, timeout=START_SECONDS * 1000)
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        return Opened(page, self.folder)


@dataclass(frozen=True)
class Opened:
    """A notebook of ``folder`` that is open in ``page``."""

    page: Any
    folder: Path

    def run_all(self, seconds: float = RUN_SECONDS) -> None:
        """Run all cells, and wait until all have run, the kernel is idle and no cell is queued."""
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function(QUIET, timeout=seconds * 1000)
        # After an error that is expected, JupyterLab says so while the kernel has cells to run.
        end, busy = time.monotonic() + seconds, time.monotonic()
        while self._unrun() and time.monotonic() - busy < SETTLED_SECONDS:
            assert time.monotonic() < end, "still running"
            if not self.page.evaluate(f"() => {IDLE}"):
                busy = time.monotonic()
            self.page.wait_for_timeout(50)

    def _unrun(self) -> bool:
        cells = self.cells()
        return any(each["execution_count"] is None for each in cells if each["source"])

    def begin(self, code: str) -> None:
        """Begin to run some code in a new cell at the end."""
        self.page.evaluate(ADD_AND_RUN, code)
        self.page.wait_for_function(f"() => !({IDLE})")

    def run(self, code: str) -> str:
        """Run some code in a new cell at the end; return its last output as text."""
        count = len(self.cells())
        self.page.evaluate(ADD_AND_RUN, code)
        end = time.monotonic() + RUN_SECONDS
        while not (last := self.cells()[-1])["execution_count"] or len(self.cells()) == count:
            assert time.monotonic() < end, f"still running: {code}"
            self.page.wait_for_timeout(50)
        data = [output.get("data", {}) for output in last["outputs"]]
        return "".join(data[-1].get("text/plain", "")) if data else ""

    def execute(self, code: str) -> None:
        """Run some code in the kernel, and touch nothing in the page."""
        self.page.evaluate(EXECUTE, code)

    def busy(self) -> bool:
        """Whether the last cell is still running."""
        return self.cells()[-1]["execution_count"] is None

    def save(self) -> None:
        """Save the notebook."""
        self.page.evaluate(
            "async () => { await window.jupyterapp.commands.execute('docmanager:save') }"
        )

    def cells(self) -> list[dict[str, Any]]:
        """Return the code cells with their outputs as they are now."""
        cells = self.page.evaluate(f"() => {NOTEBOOK}.cells")
        return [cell for cell in cells if cell["cell_type"] == "code"]

    def prompts(self) -> list[str]:
        """Return what stands beside each code cell, such as ``[3]:``."""
        found: list[str] = self.page.locator(PROMPTS).all_inner_texts()
        return [prompt.strip() for prompt in found]

    def theme(self, name: str) -> None:
        """Change to the theme ``Light`` or ``Dark``."""
        self.page.evaluate(THEME, f"JupyterLab {name}")
        light = "true" if name == "Light" else "false"
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{light}'")

    def outputs(self) -> Any:
        """Return where the outputs are."""
        return self.page.locator(f"{PANEL} .jp-OutputArea-output")


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Lab]:
    """Copy the checkout to ``folder`` and serve it with JupyterLab."""
    copy, token = folder / "course", secrets.token_hex(16)
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*IGNORED))
    for name, value in SETTINGS.items():
        path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), "utf-8")
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(
            _command(copy, folder, token), stdout=log, stderr=log, env=_own(folder)
        )
    try:
        yield Lab(_address(server, folder), token, copy)
    finally:
        server.terminate()
        server.wait(30)


def _command(copy: Path, folder: Path, token: str) -> list[str]:
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": "0",
        "ServerApp.root_dir": copy,
        "IdentityProvider.token": token,
        "LabApp.user_settings_dir": folder / "settings",
        "LabApp.workspaces_dir": folder / "workspaces",
        "LabApp.expose_app_in_browser": "True",
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *given]


def _own(folder: Path) -> dict[str, str]:
    """Return this environment with Jupyter's folders apart from those of who runs the tests."""
    kinds = ("CONFIG", "DATA", "RUNTIME")
    apart = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in kinds}
    return {**os.environ, **apart, "IPYTHONDIR": str(folder / "ipython")}


def _address(server: subprocess.Popen[bytes], folder: Path) -> str:
    """Wait until the server answers; the file that it writes then says where."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        for path in (folder / "runtime").glob("jpserver-*.json"):
            with contextlib.suppress(ValueError, OSError):
                url: str = json.loads(path.read_text("utf-8"))["url"].rstrip("/")
                urllib.request.urlopen(f"{url}/api", timeout=5).close()
                return url
        time.sleep(0.1)
    raise AssertionError(
        f"JupyterLab did not start:\n{(folder / 'lab.log').read_text('utf-8')[-2000:]}"
    )
