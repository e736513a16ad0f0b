"""A lesson's own projects are deleted at its end, when that is asked for, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from langsmith import Client

from helpers import langsmith_local, session
from helpers.__main__ import main
from helpers.session import projects
from tests.serving.opened import serving


@pytest.fixture
def langsmith(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A LangSmith that the environment leads to; a lesson of before has left a project there."""
    monkeypatch.setenv(projects.VARIABLE, str(tmp_path / "projects.json"))
    monkeypatch.setenv(projects.LEARNER, "ada")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a-learners-key")
    monkeypatch.setattr(projects, "_here", set())
    with serving(langsmith_local.create_app(tmp_path / "traces.sqlite")) as url:
        monkeypatch.setenv("LANGSMITH_BASE_URL", url)  # the callback's name alone
        monkeypatch.setenv("LANGSMITH_API_KEY", "a-learners-key")
        for name in ("LANGSMITH_ENDPOINT", "LANGSMITH_WORKSPACE_ID", "LANGSMITH_PROJECT"):
            monkeypatch.delenv(name, raising=False)
        client = Client(api_url=url, api_key="a-learners-key")
        with session.start("live"):
            client.create_project(session.project("before"))
        projects._here.clear()
        yield client
        client.close()


def there(client: Client) -> set[str]:
    return {str(project.name) for project in client.list_projects()} - {"default"}


@pytest.fixture
def lesson(langsmith: Client) -> Iterator[None]:
    """A live session that has made two projects, beside which a stranger has another."""
    with session.start("live"):
        langsmith.create_project("litellm-integration-of-ada")
        langsmith.create_project(session.project("gather"))
        langsmith.create_project("gather")
        yield


@pytest.mark.usefixtures("lesson")
def test_a_lesson_deletes_what_it_has_made_and_nothing_else(langsmith, monkeypatch):
    words = []
    monkeypatch.setattr("builtins.input", lambda said: words.append(said) or "yes")
    done = session.clean()
    assert (str(done), done.deleted) == ("2 deleted.", True)
    assert there(langsmith) == {"before-of-ada", "gather"}
    assert set(words[0].splitlines()[:-1]) == set(done.projects) and "Type yes" in words[0]
    assert str(session.clean(yes=True)).startswith("No project that the course has made")


@pytest.mark.usefixtures("lesson")
def test_without_a_yes_all_stays(langsmith, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda said: "no")
    assert str(session.clean()) == "Nothing was deleted." and len(there(langsmith)) == 4


@pytest.mark.usefixtures("lesson")
def test_the_command_finds_the_projects_of_all_lessons_by_the_callbacks_address(langsmith):
    session.stop()
    assert main(["clean", "--yes"]) == 0 and there(langsmith) == {"gather"}


def test_on_this_machine_there_is_nothing_to_delete(monkeypatch):
    with session.start("replay"):
        assert "go with its kernel" in str(session.clean()) and not session.clean(yes=True).deleted
    assert "go with its kernel" in str(session.clean())
