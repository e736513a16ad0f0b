"""A program in the place of SmolLM2: it answers each request with its process id.

Where the file that ``FAKE_FATAL`` names is there, it removes the file and dies of the request.
"""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest

from helpers import smollm2
from helpers.smollm2 import process

__all__ = ["install"]

SOURCE = """
    import os, pathlib
    from tests.processes.answering import Answering, serve

    class Handler(Answering):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            fatal = pathlib.Path(os.environ.get("FAKE_FATAL") or "/nowhere")
            if fatal.exists():
                fatal.unlink()
                os._exit(1)
            self.answer({"pid": os.getpid()})

    def main():
        serve(Handler, "TUTORIAL_SMOLLM2_FOLDER")
"""


def install(folder: Path, patch: pytest.MonkeyPatch, source: str = SOURCE) -> None:
    """Let ``smollm2.start`` start ``source``, as if the model were installed."""
    (folder / "fake_smollm2.py").write_text(textwrap.dedent(source), encoding="utf-8")
    patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
    patch.setattr("tempfile.tempdir", str(folder))
    patch.setattr(process, "TARGET", "fake_smollm2:main")
    for module in (process, smollm2):
        patch.setattr(module, "available", lambda: True)
