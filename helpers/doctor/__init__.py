"""Look at this machine and at what each layer would see, in seconds, offline, changing nothing.

``doctor.examine()`` as the last expression of a cell, or ``python -m helpers doctor``;
``doctor.ask()`` for a short answer.
"""

from __future__ import annotations

import difflib
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import site
import subprocess
import sys
import sysconfig
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.doctor import checks, labels
from helpers.doctor.layering import Layers
from helpers.doctor.layering import read as _read
from helpers.doctor.report import Check, Report
from helpers.errors import TutorialError
from helpers.paths import CLIENT, REQUIREMENTS
from helpers.serving.loopback import can_listen

__all__ = ["Check", "Layers", "Report", "ask", "examine", "layers", "problems"]

PROXY_MODULES = ("fastapi", "orjson", "apscheduler", "mcp", "backoff", "multipart", "yaml")


def examine(only: Sequence[str] | None = None) -> Report:
    """Check this machine; ``only`` names the parts to look at (default: all of ``PARTS``).

    Nothing leaves this machine unless a real key is set and the mode uses it, and no key is sent.
    Raises ``TutorialError`` for a part that does not exist.
    """
    wanted = list(PARTS) if only is None else [only] if isinstance(only, str) else list(only)
    for name in wanted:
        if name not in PARTS:
            near = difflib.get_close_matches(name, PARTS, n=1)
            hint = f" The nearest is {near[0]}." if near else ""
            raise TutorialError(f"{name!r} is no part.{hint} There are {', '.join(PARTS)}.")
    tables: list[Layers] = []
    parts = PARTS | {"layers": lambda: _findings(tables)}
    found = [check for name in wanted for check in _survive(name, parts[name])]
    machine = f"{platform.platform()}, {platform.python_implementation()}"
    return Report(tuple(found), tables[0] if tables else None, machine)


def ask(*, metadata: Mapping[str, Any] | None = None) -> Report:
    """Say in short what is wrong with the addresses and between the layers, the worst only.

    That is what is red, else what is yellow, else what is worth knowing. With the ``metadata`` of
    a LiteLLM call it says instead what LangSmith would refuse of that.
    """
    if metadata is not None:
        return Report(tuple(labels.metadata(metadata)))
    wrong = [check for check in _addresses() if check.status in ("problem", "warning")]
    found = [*wrong, *layers().findings]
    worst = next((s for s in ("problem", "warning") if any(c.status == s for c in found)), "info")
    return Report(tuple(check for check in found if check.status == worst))


def layers() -> Layers:
    """Return the environment as each layer sees it, and where they differ."""
    return _read(os.environ)


def problems(only: Sequence[str] | None = None) -> list[Check]:
    """Return what is red."""
    return list(examine(only).problems)


def _survive(name: str, part: Callable[[], Iterable[Check]]) -> list[Check]:
    """Look at one part; a machine where looking fails still gets the other parts."""
    try:
        return list(part())
    except Exception as error:
        detail = f"could not be looked at ({type(error).__name__})"
        return [Check(name, "problem", detail, "install requirements.txt into a new environment")]


def _python() -> list[Check]:
    return [checks.python(sys.version_info[:3], _where())]


def _where() -> str:
    if (Path(sys.prefix) / "conda-meta").is_dir():
        return "a conda environment"
    return f"{'a' if sys.prefix != sys.base_prefix else 'no'} virtual environment"


def _packages() -> list[Check]:
    pins = checks.parse_pins(REQUIREMENTS.read_text(encoding="utf-8"))
    missing = [name for name in PROXY_MODULES if importlib.util.find_spec(name) is None]
    found = checks.packages(pins, {name: _version(name) for name in pins})
    if _version("litellm"):
        found.append(checks.proxy_extra(missing))
    return found + checks.implants(_site_packages())


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _site_packages() -> list[Path]:
    """Return every folder whose .pth files Python runs at its start."""
    own = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return [Path(path) for path in {*own, *site.getsitepackages(), site.getusersitepackages()}]


def _keys() -> list[Check]:
    return checks.keys(os.environ)


def _tools() -> list[Check]:
    from helpers import smollm2

    package = CLIENT / "node_modules" / "openai" / "package.json"
    client = None
    if package.is_file():
        client = json.loads(package.read_text(encoding="utf-8")).get("version")
    found = checks.tools(_node(), client, shutil.which("curl") is not None)
    return [*found, checks.smollm2(smollm2.available())]


def _node() -> str | None:
    """Return what ``node --version`` says."""
    node = shutil.which("node")
    if node is None:
        return None
    try:
        command = [node, "--version"]
        return subprocess.run(command, capture_output=True, text=True, timeout=3).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def _ports() -> list[Check]:
    return checks.ports(loopback=can_listen(), free=can_listen(4000))


def _addresses() -> list[Check]:
    mode, model, traces = checks.mode(os.environ)
    bypass = urllib.request.proxy_bypass_environment
    return [
        mode,
        *checks.proxy_bypass(os.environ, bypass),
        *checks.addresses(os.environ, ask_model=model, ask_traces=traces),
    ]


def _findings(tables: list[Layers]) -> tuple[Check, ...]:
    tables.append(layers())
    return tables[0].findings


PARTS: dict[str, Callable[[], Iterable[Check]]] = {
    "python": _python,
    "packages": _packages,
    "keys": _keys,
    "tools": _tools,
    "ports": _ports,
    "addresses": _addresses,
    "layers": tuple,
}
