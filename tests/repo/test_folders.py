"""Lessons and tests run from whatever folder they are started in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

from helpers import paths
from helpers.paths import NOTEBOOKS, ROOT

LESSON = NOTEBOOKS / "00_start_here.ipynb"
FIRST_CELL = """
import sys
sys.path.insert(0, "..")
from helpers import session
session.start()
"""


def test_a_lesson_is_compared_from_any_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, f"{LESSON}::Cell 0"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_a_kernel_that_starts_in_the_repositorys_folder_goes_to_the_lessons() -> None:
    """As VS Code's notebookFileRoot and papermill start it."""
    said: list[str] = []
    manager, client = start_new_kernel(cwd=str(ROOT))
    try:
        client.execute_interactive(
            f"{FIRST_CELL}\nimport os; print(os.getcwd())",
            timeout=60,
            output_hook=lambda message: said.append(str(message["content"])),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert f"{NOTEBOOKS}\\n" in "".join(said)


def test_a_process_that_is_no_kernel_stays_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    paths.enter_lessons()
    assert Path.cwd() == ROOT


def test_a_kernel_elsewhere_stays_where_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paths, "in_kernel", lambda: True)
    monkeypatch.chdir(tmp_path)
    paths.enter_lessons()
    assert Path.cwd() == tmp_path
