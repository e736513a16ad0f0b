"""One question to each side with the learner's key, on request, and the service's own words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from langsmith import Client

from helpers import doctor, langsmith_local
from helpers.doctor.asking import asked
from helpers.langsmith_local.door import TracesDoor
from helpers.serving.guard import Door, Guard
from helpers.serving.server import Server
from helpers.session import projects
from tests.live import hosted, scripted


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with Server(Guard(scripted.create_app(), lambda path: Door(None))) as server:
        yield f"{server.url}/v1"


@pytest.fixture(scope="module")
def langsmith(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    door: TracesDoor = hosted.WorkspaceDoor("lsv2_pt_right")
    folder = tmp_path_factory.mktemp("langsmith")
    app = langsmith_local.create_app(folder / "traces.sqlite", door=door)
    with Server(Guard(app, lambda path: door)) as server:
        yield server.url


@pytest.mark.parametrize(
    ("key", "status", "words"),
    [
        (scripted.KEY, "ok", "takes the key"),
        ("sk-proj-" + "w" * 24, "problem", "Incorrect API key provided"),
        (scripted.EMPTY, "problem", "You exceeded your current quota"),
        ("lsv2_pt_right", "problem", "the two keys are swapped"),
    ],
    ids=["right", "wrong", "without quota", "swapped"],  # keys are made anew in each process
)
def test_the_provider_says_what_it_thinks_of_the_key(provider, key, status, words):
    environ = {"OPENAI_BASE_URL": provider, "OPENAI_API_KEY": key}
    (check,) = asked(environ, model=True, traces=False)
    assert check.status == status and words in str(check)
    assert len(str(check).splitlines()) <= 3 and key not in str(check)


def test_both_layers_ask_langsmith_each_by_its_own_variables(langsmith):
    environ = {"LANGSMITH_ENDPOINT": langsmith, "LANGSMITH_API_KEY": "lsv2_pt_right"}
    environ |= {"LANGSMITH_WORKSPACE_ID": hosted.WORKSPACE, "LANGSMITH_BASE_URL": langsmith}
    sdk, callback = asked(environ, model=False, traces=True)
    assert sdk.status == "ok"
    assert callback.status == "problem" and "set LANGSMITH_WORKSPACE_ID" in callback.mend
    sdk, callback = asked(
        environ | {"LANGSMITH_TENANT_ID": hosted.WORKSPACE}, model=False, traces=True
    )
    assert callback.status == "ok"


def test_a_wrong_key_is_told_in_langsmiths_words(langsmith):
    environ = {"LANGSMITH_ENDPOINT": langsmith, "LANGSMITH_BASE_URL": langsmith}
    environ |= {"LANGSMITH_API_KEY": "lsv2_pt_wrong"}
    for check in asked(environ, model=False, traces=True):
        assert check.status == "problem" and "Invalid token" in check.detail


ALL = {"LANGSMITH_WORKSPACE_ID": hosted.WORKSPACE, "LANGSMITH_TENANT_ID": hosted.WORKSPACE}


def test_a_project_that_was_there_before_is_warned_of(langsmith, tmp_path, monkeypatch):
    monkeypatch.setenv(projects.VARIABLE, str(tmp_path / "projects.json"))
    environ = ALL | {"LANGSMITH_ENDPOINT": langsmith, "LANGSMITH_BASE_URL": langsmith}
    environ |= {"LANGSMITH_API_KEY": "lsv2_pt_right", "LANGSMITH_PROJECT": "theirs"}
    assert all(check.status == "ok" for check in asked(environ, model=False, traces=True))
    own = {"api_key": "lsv2_pt_right", "workspace_id": hosted.WORKSPACE}
    Client(langsmith, **own).create_project("theirs")
    *_, check = asked(environ, model=False, traces=True)
    assert check.status == "warning" and "theirs is there since" in check.detail
    Client(langsmith, **own).create_project(mine := projects.named("mine", environ))
    environ |= {"LANGSMITH_PROJECT": mine}
    assert all(check.status == "ok" for check in asked(environ, model=False, traces=True))


def test_the_doctor_asks_as_a_session_would(langsmith, monkeypatch):
    for name in ("LANGSMITH_BASE_URL", "LANGSMITH_TENANT_ID", "LANGSMITH_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    own = {"TUTORIAL_MODE": "auto", "LANGSMITH_ENDPOINT": langsmith}
    own |= {"LANGSMITH_API_KEY": "lsv2_pt_right", "LANGSMITH_WORKSPACE_ID": hosted.WORKSPACE}
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    found = doctor.examine([], asking=True).checks
    assert [check.status for check in found] == ["ok", "ok"]


def test_an_address_where_nobody_is_is_told():
    environ = {"OPENAI_BASE_URL": "http://localhost:9/v1", "OPENAI_API_KEY": "k"}
    (check,) = asked(environ, model=True, traces=False)
    assert check.status == "problem" and "gives no answer" in check.detail


def test_nobody_is_asked_where_nothing_is_live():
    assert list(asked({"OPENAI_API_KEY": "k"}, model=False, traces=False)) == []
