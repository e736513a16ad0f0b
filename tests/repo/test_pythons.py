"""What a Python says that is too old, or that has none of the packages."""

from __future__ import annotations

import ast
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import helpers
from helpers import paths
from helpers.testing.offline import is_private

ROOT = paths.ROOT
FIRST_CELL = 'import sys\nsys.path.insert(0, "..")\nfrom helpers import session\n'
SQL = re.compile(r"[=(<>,] ?\?\d")


def old_python(version: str) -> str:
    """Return an interpreter of ``version``, or skip the test."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found = sorted(root.glob(f"versions/{version}.*/bin/python"))
    python = shutil.which(f"python{version}") if not found else str(found[-1])
    if python is None or run(python, "-c", "").returncode:
        pytest.skip(f"there is no Python {version} on this machine")
    return python


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not is_private(name)}
    environ.pop("PYTHONPATH", None)
    return subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, encoding="utf-8"
    )


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10"])
def test_an_old_python_is_told_what_is_needed(version: str) -> None:
    done = run(old_python(version), "-B", "-m", "helpers", "doctor")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"This is Python {version}." in done.stderr and "3.11 to 3.14" in done.stderr
    assert done.stderr.endswith(f"    {helpers.START}\n")


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10"])
def test_the_first_cell_of_an_old_kernel_says_the_same(version: str) -> None:
    done = run(old_python(version), "-B", "-c", FIRST_CELL, cwd=paths.NOTEBOOKS)
    assert f"helpers.OldPython: This is Python {version}." in done.stderr
    assert done.stderr.endswith(f"    {helpers.START}\n")


def test_a_kernel_shows_two_sentences_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    with pytest.raises(ImportError) as caught:
        runpy.run_path(str(ROOT / "helpers" / "__init__.py"))
    [shown] = caught.value._render_traceback_()
    sentences, line = shown.removeprefix("OldPython: ").split("\n    ")
    assert (sentences.count(". "), sentences[-1], line) == (1, ":", helpers.START)


def test_the_line_for_an_old_python_is_in_the_readme() -> None:
    assert f"\n{helpers.START}\n" in (ROOT / "README.md").read_text("utf-8")


def test_the_file_that_old_pythons_read_imports_nothing_of_ours() -> None:
    text = (ROOT / "helpers" / "__init__.py").read_text("utf-8")
    tree = ast.walk(ast.parse(text))
    imports = [node for node in tree if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["import sys"]


def test_the_doctor_examines_a_machine_without_any_package() -> None:
    done = run(sys.executable, "-S", "-m", "helpers", "doctor")
    assert done.returncode == 1, done.stderr
    assert "✗ packages: " in done.stdout and "→" in done.stdout and "What each layer" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_nothing_but_the_packages_is_red_without_them() -> None:
    done = run(sys.executable, "-S", "-m", "helpers", "doctor")
    assert re.findall("^✗ ([^:]+):", done.stdout, re.MULTILINE) == ["packages"], done.stdout


def test_the_first_cell_without_packages_says_what_to_do() -> None:
    cell = FIRST_CELL + "session.start()\n"
    done = run(sys.executable, "-S", "-c", cell, cwd=paths.NOTEBOOKS)
    assert "InstallationError: This Python (" in done.stderr, done.stderr
    assert "ModuleNotFoundError" not in done.stderr


@pytest.mark.parametrize("command", [["serve"], ["refresh"], ["record", "x.ipynb"]])
def test_a_command_without_packages_says_what_to_do(command: list[str]) -> None:
    done = run(sys.executable, "-S", "-m", "helpers", *command)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert f"{command[0]}: This Python (" in done.stderr


def test_no_placeholder_has_a_number() -> None:
    """Python 3.12.0 to 3.12.3 warn of ``?1`` beside a sequence of values."""
    files = (ROOT / "helpers").rglob("*.py")
    assert [path.name for path in files if SQL.search(path.read_text("utf-8"))] == []
