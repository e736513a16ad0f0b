"""The IPython that runs this process's cells, if there is one; nothing is imported for it."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["in_kernel", "shell"]


def shell() -> Any:
    """Return IPython's shell (``InteractiveShell``), or None in a plain program."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return get_ipython() if get_ipython is not None else None


def in_kernel() -> bool:
    """Whether cells are run by a kernel, as in a notebook, and not in a terminal."""
    return getattr(shell(), "kernel", None) is not None
