"""Run a program from a notebook as a terminal would, and say so when it is not installed.

For Node that includes getting ready: the one on PATH or the one that came with the course's Python
packages, and the npm packages of ``notebooks/client``, which the first cell that needs them
fetches. ``python -m helpers.terminal`` fetches them before.
"""

from __future__ import annotations

from helpers.terminal.program import Finished, TerminalError, missing, run

__all__ = ["Finished", "TerminalError", "missing", "run"]
