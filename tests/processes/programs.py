"""Programs of a line or two, for tests of what starts and ends them."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

from helpers.paths import ROOT

__all__ = ["MODULE", "environment"]

MODULE = "a_program"


def environment(folder: Path, source: str) -> dict[str, str]:
    """Write ``source`` as a module to ``folder``; return an environment that can import it."""
    (folder / f"{MODULE}.py").write_text(textwrap.dedent(source), encoding="utf-8")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
