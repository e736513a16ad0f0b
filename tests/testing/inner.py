"""The pytest that tests of plugins run within themselves, with what it needs and no more."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from helpers.paths import ROOT

# ``helpers.testing`` comes first, since it spares nbval a second; the rest is what to do without.
_WITHOUT = ("cacheprovider", "langsmith_plugin", "anyio", "hypothesispytest")
COMMAND = [sys.executable, "-m", "pytest", "-p", "helpers.testing"]
COMMAND += [part for name in _WITHOUT for part in ("-p", f"no:{name}")]


def nbval_says(
    folder: Path, cells: Sequence[NotebookNode], plugins: Sequence[str], *options: str
) -> str:
    """Run a lesson of these cells in ``folder`` by nbval with plugins of ours; return what it says.

    The lesson is called ``01_try.ipynb``, plugins are named as in ``helpers.testing``.
    """
    nbformat.write(new_notebook(cells=cells), folder / "01_try.ipynb")
    named = [f"helpers.testing.{name}" for name in plugins]
    (folder / "conftest.py").write_text(f"pytest_plugins = {named}\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --nbval-current-env --nbval\n")
    done = subprocess.run(
        [*COMMAND, "-q", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    return done.stdout
