"""Where things of this repository stand."""

from __future__ import annotations

import os
from pathlib import Path

from helpers.ipython import in_kernel

__all__ = ["CLIENT", "NOTEBOOKS", "PROXY_CONFIG", "RECORDINGS", "REFUSED", "REQUIREMENTS", "ROOT"]
__all__ += ["SANITIZERS", "enter_lessons"]

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
RECORDINGS = NOTEBOOKS / "recordings"
CLIENT = NOTEBOOKS / "client"  # the JavaScript client and its packages
PROXY_CONFIG = NOTEBOOKS / "proxy" / "config.yaml"
REQUIREMENTS = ROOT / "requirements.txt"
REFUSED = ROOT / ".refused.txt"
SANITIZERS = ROOT / "tests" / "nbval_sanitize.cfg"


def enter_lessons() -> None:
    """Make ``notebooks/`` a kernel's working directory where that is the repository's folder.

    Lessons name their files from their own folder, which is where JupyterLab and nbval start a
    kernel. VS Code can be set to start it in the workspace's, and papermill starts it in its own;
    that of a lesson's solutions starts in theirs. Any other folder, and a process that is no
    kernel, stay as they are.
    """
    if in_kernel() and Path.cwd() in (ROOT, NOTEBOOKS / "solutions"):
        os.chdir(NOTEBOOKS)
