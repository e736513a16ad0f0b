"""Projects of the learner's own: named for them alone, remembered, and nobody else's deleted."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from langsmith import Client

from helpers import langsmith_local, session
from helpers.__main__ import main
from helpers.errors import TutorialError
from helpers.session import projects
from tests.serving.opened import serving

HERE = {"LANGSMITH_ENDPOINT": "http://localhost:1", "LANGSMITH_WORKSPACE_ID": "w"}


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "projects.json"
    monkeypatch.setenv(projects.VARIABLE, str(path))
    return path


def test_a_name_has_an_ending_that_stays():
    first = projects.named("gather", HERE)
    assert re.fullmatch(r"gather-of-[0-9a-f]{6}", first)
    assert projects.named("gather", HERE) == first
    assert projects.named("script", HERE).removeprefix("script") == first.removeprefix("gather")


def test_the_learner_may_give_the_ending():
    assert projects.named("gather", HERE | {"TUTORIAL_LEARNER": "ada"}) == "gather-of-ada"
    with pytest.raises(TutorialError, match="TUTORIAL_LEARNER is 'a b': give one word"):
        projects.named("gather", HERE | {"TUTORIAL_LEARNER": "a b"})


def test_a_name_is_remembered_once_and_for_its_workspace():
    name = projects.named("gather", HERE)
    projects.named("gather", HERE)
    projects.named("gather", HERE | {"LANGSMITH_WORKSPACE_ID": "another"})
    assert [each.name for each in projects.remembered(HERE)] == [name]
    assert projects.remembered({}) == []


def test_a_file_that_cannot_be_kept_is_warned_of(file: Path):
    file.write_text("mine")
    with pytest.warns(UserWarning, match="The list of your projects was not kept"):
        assert projects.named("gather", HERE).startswith("gather-of-")
    assert file.read_text() == "mine"


def test_an_ending_that_cannot_be_kept_stays_for_as_long_as_the_program(file: Path):
    file.write_text("mine")
    with pytest.warns(UserWarning, match="was not kept"):
        assert projects.named("gather", HERE) == projects.named("gather", HERE)


def test_on_this_machine_names_stay_as_they_are(file: Path):
    with session.start("replay"):
        assert session.project("gather") == "gather"
    assert session.project("gather") == "gather" and not file.exists()


@pytest.fixture
def langsmith(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A LangSmith that the environment leads to, as in a live session."""
    with serving(langsmith_local.create_app(tmp_path / "traces.sqlite")) as url:
        monkeypatch.setenv("LANGSMITH_ENDPOINT", url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "a-learners-key")
        monkeypatch.delenv("LANGSMITH_WORKSPACE_ID", raising=False)
        yield Client(api_url=url, api_key="a-learners-key")


def there(client: Client) -> set[str]:
    return {str(project.name) for project in client.list_projects()} - {"default"}


def test_clean_removes_what_the_course_made_and_nothing_else(langsmith, capsys):
    mine = projects.named("gather")
    strangers = {"gather", f"{mine}-prod", f"x{mine}", mine.upper()}
    for name in {mine, *strangers}:
        langsmith.create_project(name)
    assert main(["clean", "--yes"]) == 0
    assert there(langsmith) == strangers
    assert mine in capsys.readouterr().out
    assert projects.remembered() == [] and "LANGSMITH_BASE_URL" not in os.environ


def test_clean_asks_first(langsmith, capsys, monkeypatch):
    langsmith.create_project(projects.named("gather"))
    monkeypatch.setattr("builtins.input", lambda words: "y")
    assert main(["clean"]) == 1
    assert len(there(langsmith)) == 1 and "Nothing was deleted." in capsys.readouterr().out


def test_clean_leaves_a_project_that_was_there_before(langsmith, capsys, monkeypatch):
    langsmith.create_project("gather-of-ada")
    monkeypatch.setenv("TUTORIAL_LEARNER", "ada")
    monkeypatch.setattr(projects, "datetime", _Later)
    projects.named("gather")
    assert main(["clean", "--yes"]) == 0
    assert there(langsmith) == {"gather-of-ada"}
    assert "gather-of-ada is older than the course's" in capsys.readouterr().err


class _Later(projects.datetime):  # type: ignore[misc]
    """A clock that is an hour ahead."""

    @classmethod
    def now(cls, tz=None):
        from datetime import timedelta

        return super().now(tz) + timedelta(hours=1)


def test_clean_without_a_key_says_what_it_needs(capsys, monkeypatch):
    monkeypatch.delenv("LANGSMITH_API_KEY", raising=False)
    assert main(["clean"]) == 2
    assert "set LANGSMITH_API_KEY" in capsys.readouterr().err
