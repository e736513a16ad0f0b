"""python -m helpers.terminal: the npm packages before a class or the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.terminal import packages
from helpers.terminal.__main__ import main
from tests.terminal import fakes


@pytest.fixture
def npm(path: Path) -> Path:
    """The PATH, with a node on it and an npm that installs."""
    fakes.program(path, "node", fakes.says("v20.0.0"))
    fakes.program(path, "npm", fakes.INSTALL)
    return path


@pytest.mark.usefixtures("npm")
def test_it_says_what_it_fetches_before_it_does(
    client: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main() == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith("Fetching the npm packages openai and langsmith")
    assert last == "The packages of notebooks/client are installed."
    assert packages.lacking() == []


@pytest.mark.usefixtures("path")
def test_it_needs_no_node_where_they_are(client: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes.install(client)
    assert main() == 0
    assert "are installed" in capsys.readouterr().out


def test_a_failure_is_a_sentence_and_a_status(
    client: Path, npm: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fakes.program(npm, "npm", fakes.UNREACHED)
    assert main() == 1
    assert "cannot be reached" in capsys.readouterr().err


@pytest.mark.usefixtures("npm", "client")
def test_what_is_not_done_is_not_announced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUTORIAL_OFFLINE", "1")
    assert main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "TUTORIAL_OFFLINE is set" in said.err
