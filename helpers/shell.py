"""Lines that set environment variables, in the words of the shell that they are copied into."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

__all__ = ["SHELLS", "detect", "export"]

SHELLS = ("sh", "powershell")


def detect(environ: Mapping[str, str] = os.environ, *, system: str = os.name) -> str:
    """Return which of ``SHELLS`` this process was probably started from.

    PowerShell sets PSModulePath for what it starts. On Windows every process has that variable, and
    a shell of the other kind (Git's) sets SHELL.
    """
    if system == "nt":
        return "sh" if environ.get("SHELL") else "powershell"
    return "powershell" if environ.get("PSModulePath") else "sh"


def export(name: str, value: str, shell: str) -> str:
    """Return the line that gives ``name`` a value in ``shell``, one of ``SHELLS``."""
    if shell == "powershell":
        quoted = value.replace("'", "''")
        return f"$env:{name} = '{quoted}'"
    return f"export {name}={shlex.quote(value)}"
