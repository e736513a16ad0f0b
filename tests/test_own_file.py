"""A learner's own file: written whole, kept where it is told, and never anybody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.own_file import OwnFile

VARIABLE = "TUTORIAL_PROGRESS"


def own(path: Path, patch: pytest.MonkeyPatch) -> OwnFile:
    patch.setenv(VARIABLE, str(path))
    return OwnFile.of_learner("progress", what="Your progress", variable=VARIABLE)


def test_what_was_written_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = own(tmp_path / "new" / "progress.json", monkeypatch)
    assert file.content() is None
    assert file.write({"x": [1]}) == ""
    assert file.content() == {"format": file.format, "x": [1]}
    assert [path.name for path in file.path.parent.iterdir()] == ["progress.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"x": 1}', "\x00"])
def test_a_file_that_is_not_ours_is_left_and_named(content, tmp_path, monkeypatch):
    file = own(tmp_path / "progress.json", monkeypatch)
    file.path.write_text(content)
    said = file.write({"x": 2})
    assert str(file.path) in said and VARIABLE in said
    assert file.path.read_text() == content


def test_a_place_that_cannot_be_written_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    said = own(tmp_path / "file" / "progress.json", monkeypatch).write({})
    assert said.startswith("Your progress was not kept") and "could not be written" in said


def test_without_the_variable_it_is_the_systems_place(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    path = OwnFile.of_learner("progress", what="Your progress", variable=VARIABLE).path
    assert path.name == "progress.json" and path.parent.name == "litellm-langsmith-tutorial"
