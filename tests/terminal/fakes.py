"""Programs that stand for node and npm: small scripts in a folder that is the whole PATH."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

__all__ = ["ABSENT", "INSTALL", "UNREACHED", "client", "install", "program", "says"]

LOCK = {"": {}, "node_modules/openai": {"version": "6.0.0"}}
LOCK |= {"node_modules/langsmith": {"version": "0.12.0", "optional": True}}

# What the fake npm does: put there what the lock file of its folder names, ...
INSTALL = """
import json, pathlib
for name, package in json.loads(pathlib.Path("package-lock.json").read_text())["packages"].items():
    if name:
        pathlib.Path(name).mkdir(parents=True)
        pathlib.Path(name, "package.json").write_text(json.dumps(package))
"""
# ... but leave out what is optional, as npm does with what it cannot have, ...
ABSENT = INSTALL.replace("if name:", "if name and 'optional' not in package:")
# ... or find no registry.
UNREACHED = """
import sys
print("npm error code ENOTFOUND", file=sys.stderr)
print("npm error request to https://ada:pass@registry.test/openai failed", file=sys.stderr)
sys.exit(1)
"""


def program(folder: Path, name: str, code: str) -> Path:
    """Make a program ``name`` in ``folder`` that runs ``code``."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / f"{name}.py"
    script.write_text(code, encoding="utf-8")
    if os.name == "nt":
        path = folder / f"{name}.cmd"
        path.write_text(f'@"{sys.executable}" "{script}" %*\n', encoding="utf-8")
    else:
        path = folder / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    return path


def says(version: str) -> str:
    """Return the code of a node that has this version and prints its other arguments."""
    return f"import sys\nprint({version!r} if '--version' in sys.argv else ' '.join(sys.argv[1:]))"


def client(folder: Path) -> Path:
    """Make a client whose lock file names two packages, in ``folder``."""
    folder.mkdir()
    (folder / "package-lock.json").write_text(json.dumps({"packages": LOCK}), encoding="utf-8")
    package = {"dependencies": {"openai": "^6"}, "optionalDependencies": {"langsmith": "^0.12"}}
    (folder / "package.json").write_text(json.dumps(package), encoding="utf-8")
    (folder / ".npmrc").write_text("", encoding="utf-8")
    return folder


def install(folder: Path) -> None:
    """Put the packages that the lock file of the client ``folder`` names in their place."""
    for name, package in LOCK.items():
        if name:
            (folder / name).mkdir(parents=True)
            (folder / name / "package.json").write_text(json.dumps(package), encoding="utf-8")
