"""``python -m helpers serve`` in a process of its own, and the lines that it prints."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from helpers.paths import ROOT

__all__ = ["exported_by_serving", "serve"]


def serve(*options: str, **popen: Any) -> subprocess.Popen[str]:
    """Start it; what it prints is in ``stdout``."""
    command = [sys.executable, "-m", "helpers", "serve", *options]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, **popen)


@contextlib.contextmanager
def exported_by_serving() -> Iterator[dict[str, str]]:
    """The variables that a serving process printed, while it serves."""
    process = serve(stderr=subprocess.DEVNULL)
    try:
        lines = [process.stdout.readline() for _ in range(8)]
        yield dict(re.fullmatch(r"export (\w+)=(.*)\n", line).groups() for line in lines)
    finally:
        process.terminate()
        process.wait(10)
