"""Look at this machine and have each module judge what is found."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import site
import sys
import sysconfig
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path

from helpers import installation
from helpers.doctor import addresses, packages, surroundings, tools
from helpers.doctor.report import Check
from helpers.paths import CLIENT
from helpers.serving.loopback import can_listen

__all__ = ["PARTS"]

PROXY_MODULES = ("fastapi", "orjson", "apscheduler", "mcp", "backoff", "multipart", "yaml")


def _python() -> list[Check]:
    return [packages.python(sys.version_info[:3], _where())]


def _where() -> str:
    if (Path(sys.prefix) / "conda-meta").is_dir():
        return "a conda environment"
    return f"{'a' if sys.prefix != sys.base_prefix else 'no'} virtual environment"


def _packages() -> list[Check]:
    pins, have = installation.pins(), installation.installed()
    missing = installation.missing(pins, have)
    elsewhere = installation.interpreter_with(missing) if missing else None
    found = packages.packages(pins, have, elsewhere=elsewhere)
    if "litellm" in have:
        lacking = [name for name in PROXY_MODULES if importlib.util.find_spec(name) is None]
        found.append(packages.proxy_extra(lacking))
    return found + packages.implants(_site_packages())


def _site_packages() -> list[Path]:
    """Return every folder whose .pth files Python runs at its start."""
    own = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return [Path(path) for path in {*own, *site.getsitepackages(), site.getusersitepackages()}]


def _keys() -> list[Check]:
    return addresses.keys(os.environ)


def _tools() -> list[Check]:
    from helpers import smollm2

    package = CLIENT / "node_modules" / "openai" / "package.json"
    client = None
    if package.is_file():
        client = json.loads(package.read_text(encoding="utf-8")).get("version")
    found = tools.tools(_node(), client, shutil.which("curl") is not None)
    return [*found, tools.smollm2(smollm2.available())]


def _node() -> str | None:
    """Return what ``node --version`` says, of the Node that lessons would run."""
    from helpers.terminal import node

    try:
        return node.said(node.found().program)
    except node.NodeError:
        return None


def _ports() -> list[Check]:
    return tools.ports(loopback=can_listen(), free=can_listen(4000))


def _environment() -> list[Check]:
    from helpers.session import ModeError, choose, readers

    try:
        reading = readers(choose(), os.environ)
    except ModeError:
        reading = []
    return [
        *surroundings.network(os.environ, reading),
        *surroundings.variables(os.environ, live=bool(reading)),
        *surroundings.files(os.environ),
        *surroundings.folders(os.environ),
    ]


def _addresses() -> list[Check]:
    mode, model, traces = addresses.mode(os.environ)
    bypass = urllib.request.proxy_bypass
    return [
        mode,
        *addresses.proxy_bypass(os.environ, bypass),
        *addresses.addresses(os.environ, ask_model=model, ask_traces=traces),
    ]


PARTS: dict[str, Callable[[], Iterable[Check]]] = {
    "python": _python,
    "packages": _packages,
    "keys": _keys,
    "tools": _tools,
    "ports": _ports,
    "environment": _environment,
    "addresses": _addresses,
}
