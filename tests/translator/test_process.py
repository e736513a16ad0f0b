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
    import os
    from tests.processes.answering import Answering, serve

    class Handler(Answering):
        def do_GET(self):
            self.answer(dict(os.environ))

    def main():
        serve(Handler, "TUTORIAL_TRANSLATOR_FOLDER")

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
