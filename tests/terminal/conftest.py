"""A machine of a test's own: its PATH, the Python package that carries Node, the client."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.terminal import node, packages
from tests.terminal import fakes


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that is the whole PATH, on a machine without the Python package."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    return folder


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch, path: Path, tmp_path: Path) -> Path:
    """The folder of a Python package that carries Node 24 and npm."""
    folder = tmp_path / node.PACKAGE
    fakes.program(folder / "bin", "node", fakes.says("v24.0.0"))
    if os.name == "nt":
        (folder / "node.exe").touch()
    npm = folder / "lib/node_modules/npm/bin/npm-cli.js"
    npm.parent.mkdir(parents=True)
    npm.touch()
    spec = SimpleNamespace(submodule_search_locations=[str(folder)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    return folder


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A client without its packages, which may be fetched although this is a test."""
    folder = fakes.client(tmp_path / "client")
    monkeypatch.setattr(packages, "CLIENT", folder)
    for name in ("TUTORIAL_OFFLINE", "TUTORIAL_STRICT", "PYTEST_VERSION"):
        monkeypatch.delenv(name, raising=False)
    return folder
