"""The process that asks a learner's provider: what it is given, and what it says when it fails."""

from __future__ import annotations

import json
import os
import textwrap
from pathlib import Path

import httpx
import pytest

from helpers.errors import TutorialError
from helpers.translator import Wanted, process, start

# A program in the place of ours: it answers with its environment.
ECHO = """
    import http.server, json, os, pathlib

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            content = json.dumps(dict(os.environ)).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    def main():
        from helpers.processes.served import tell_address
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        folder = pathlib.Path(os.environ["TUTORIAL_TRANSLATOR_FOLDER"])
        tell_address(folder, f"http://127.0.0.1:{server.server_port}")
        server.serve_forever()

    def fail():
        raise SystemExit("LiteLLM asks this model only with MISTRAL_API_KEY set.")
"""


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "echo_translator.py").write_text(textwrap.dedent(ECHO), "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(process, "TARGET", "echo_translator:main")


@pytest.mark.usefixtures("echo")
def test_it_is_given_the_providers_variables_and_none_of_langsmiths():
    own = {**os.environ, "MISTRAL_API_KEY": "m", "LANGSMITH_TRACING": "true", "LANGCHAIN_X": "y"}
    running = start(Wanted("mistral/small"), own)
    try:
        given = httpx.get(running.url).json()
    finally:
        running.stop()
    assert given["MISTRAL_API_KEY"] == "m" and given["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"
    assert json.loads(given["TUTORIAL_TRANSLATOR_WANTED"])["model"] == "mistral/small"
    assert not [name for name in given if name.startswith(("LANGSMITH", "LANGCHAIN"))]
    assert not running.running


@pytest.mark.usefixtures("echo")
def test_its_last_words_are_told_when_it_does_not_start(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process, "TARGET", "echo_translator:fail")
    with pytest.raises(TutorialError, match="asks mistral/small did not start.*MISTRAL_API_KEY"):
        start(Wanted("mistral/small"), os.environ)
