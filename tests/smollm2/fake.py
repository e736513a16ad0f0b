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
    import http.server, json, os, pathlib

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            fatal = pathlib.Path(os.environ.get("FAKE_FATAL") or "/nowhere")
            if fatal.exists():
                fatal.unlink()
                os._exit(1)
            content = json.dumps({"pid": os.getpid()}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    def main():
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        folder = pathlib.Path(os.environ["TUTORIAL_SMOLLM2_FOLDER"])
        (folder / "part").write_text(f"http://127.0.0.1:{server.server_port}")
        os.replace(folder / "part", folder / "address")
        server.serve_forever()
"""


def install(folder: Path, patch: pytest.MonkeyPatch, source: str = SOURCE) -> None:
    """Let ``smollm2.start`` start ``source``, as if the model were installed."""
    (folder / "fake_smollm2.py").write_text(textwrap.dedent(source), encoding="utf-8")
    patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
    patch.setattr("tempfile.tempdir", str(folder))
    patch.setattr(process, "TARGET", "fake_smollm2:main")
    for module in (process, smollm2):
        patch.setattr(module, "available", lambda: True)
