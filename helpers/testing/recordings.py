"""A pytest plugin: a recording that no notebook asks for fails the run.

The replay service appends the name of each recording it uses to the file that the variable
``TUTORIAL_USED_RECORDINGS`` names. Kernels inherit that variable; tests outside notebooks do not
count. The check needs a whole and green run: all cells of all notebooks.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from helpers.testing.offline import sealed

__all__ = ["VARIABLE", "UnusedRecordings", "cell_ids", "unused"]

VARIABLE = "TUTORIAL_USED_RECORDINGS"
_USED = pytest.StashKey[str]()
_read: Callable[..., nbformat.NotebookNode] = nbformat.read  # it does not say what it returns


def unused(recordings: Path, used: Path) -> list[str]:
    """Return the names of the files in ``recordings`` that are not a line of ``used``."""
    names = {path.name for path in recordings.glob("*.json")}
    return sorted(names - {Path(line).name for line in used.read_text("utf-8").splitlines()})


def cell_ids(root: Path) -> set[str]:
    """Return the pytest id of every code cell of the notebooks under ``root/notebooks``."""
    ids: set[str] = set()
    for path in root.glob("notebooks/**/[0-9][0-9]_*.ipynb"):
        if ".ipynb_checkpoints" not in path.parts:
            cells = _read(path, as_version=4).cells
            count = sum(cell.cell_type == "code" for cell in cells)
            name = path.relative_to(root).as_posix()
            ids |= {f"{name}::Cell {number}" for number in range(count)}
    return ids


class UnusedRecordings:
    """Watches a test session from its controlling process and judges it at the end."""

    def __init__(self, root: Path, used: Path) -> None:
        self.root, self.used = root, used
        self.seen: set[str] = set()
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.seen.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        expected = cell_ids(self.root) if exitstatus == pytest.ExitCode.OK else set()
        if expected and expected <= self.seen:
            self.names = unused(self.root / "notebooks" / "recordings", self.used)
        if self.names:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.names:
            return
        terminalreporter.section("recordings that no notebook asks for", red=True)
        for name in self.names:
            terminalreporter.line(f"notebooks/recordings/{name}")
        terminalreporter.line("Delete them, or restore the cell that asked for them.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Let a notebook's kernel, and nothing else, know where to write the names."""
    used = item.config.stash.get(_USED, None)
    if used and item.path.suffix == ".ipynb":
        os.environ[VARIABLE] = used
    try:
        return (yield)
    finally:
        os.environ.pop(VARIABLE, None)


def pytest_configure(config: pytest.Config) -> None:
    if not sealed():
        return
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[_USED] = worker["used_recordings"]
        return
    handle, used = tempfile.mkstemp(prefix="tutorial-used-recordings-")
    os.close(handle)
    config.stash[_USED] = used
    config.add_cleanup(lambda: Path(used).unlink(missing_ok=True))
    config.pluginmanager.register(
        UnusedRecordings(config.rootpath, Path(used)), "unused-recordings"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the file's name to a worker of pytest-xdist."""
    node.workerinput["used_recordings"] = node.config.stash.get(_USED, "")
