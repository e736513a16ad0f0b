"""helpers.session: where model calls and traces go, in every mode."""

import os

import httpx
import pytest

from helpers import session
from helpers.environment import PLACEHOLDER_KEY
from helpers.session import ModeError, choose

KEYS = {"OPENAI_API_KEY": "real-model-key", "LANGSMITH_API_KEY": "real-trace-key"}
NONE: dict[str, str] = {}


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    monkeypatch.setenv("TUTORIAL_MODE", "auto")
    yield
    session.stop()


@pytest.mark.parametrize(
    ("mode", "environ", "model", "traces"),
    [
        ("auto", NONE, "recordings", "local"),
        ("auto", KEYS, "provider", "langsmith"),
        ("auto", {"OPENAI_API_KEY": "k"}, "provider", "local"),
        ("auto", {"LANGSMITH_API_KEY": "k"}, "recordings", "langsmith"),
        ("auto", {"LANGCHAIN_API_KEY": "k"}, "recordings", "langsmith"),
        ("replay", KEYS, "recordings", "local"),
        ("live", KEYS, "provider", "langsmith"),
        ("local", NONE, "smollm2", "local"),
        ("local", KEYS, "smollm2", "langsmith"),
        ("record", KEYS, "recorder", "local"),
    ],
)
def test_each_mode_goes_where_the_readme_says(mode, environ, model, traces):
    choice = choose(mode, environ=environ)
    assert (choice.model, choice.traces) == (model, traces)


def test_a_wrong_mode_lists_the_right_ones():
    with pytest.raises(ModeError, match="'lvie' is not a mode.*auto, replay, live, local, record"):
        choose(environ={"TUTORIAL_MODE": "lvie"})


@pytest.mark.parametrize("missing", list(KEYS))
def test_live_names_the_key_that_is_missing(missing):
    environ = {name: key for name, key in KEYS.items() if name != missing}
    with pytest.raises(ModeError, match=f"{missing} is not set"):
        choose("live", environ=environ)


def test_without_keys_every_client_is_sent_to_this_machine():
    started = session.start("replay")
    for name in ("OPENAI_BASE_URL", "LANGSMITH_ENDPOINT", "LANGSMITH_BASE_URL"):
        assert os.environ[name].startswith(started.url)
    assert httpx.get(f"{started.url}/info").status_code == 200
    assert httpx.get(f"{started.url}/v1/models").status_code == 200


def test_real_keys_are_hidden_in_replay_and_given_back(monkeypatch):
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    session.start("replay")
    assert {os.environ[name] for name in KEYS} == {PLACEHOLDER_KEY}
    session.stop()
    assert {name: os.environ[name] for name in KEYS} == KEYS


def test_starting_again_keeps_the_running_session():
    assert session.start("replay") is session.start()


def test_another_mode_replaces_the_session():
    first = session.start("replay")
    second = session.start("auto")
    assert second is not first
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{first.url}/info")


def test_live_starts_nothing_and_leaves_the_keys(monkeypatch):
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    started = session.start("live")
    assert started.url is None
    assert os.environ["OPENAI_API_KEY"] == KEYS["OPENAI_API_KEY"]


def test_live_gives_one_region_to_both_readers(monkeypatch):
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    monkeypatch.setenv("LANGSMITH_ENDPOINT", "https://eu.api.smith.langchain.com")
    session.start("live")
    assert os.environ["LANGSMITH_BASE_URL"] == os.environ["LANGSMITH_ENDPOINT"]


def test_a_session_that_fails_to_start_gives_the_environment_back(monkeypatch, tmp_path):
    (tmp_path / "broken.json").write_text("{")
    monkeypatch.setenv("TUTORIAL_RECORDINGS", str(tmp_path))
    before = dict(os.environ)
    with pytest.raises(Exception, match="broken.json"):
        session.start("replay")
    assert dict(os.environ) == before


def test_the_decision_is_one_line_that_never_changes():
    assert repr(session.start("replay")) == (
        "Model answers: recorded from SmolLM2-135M-Instruct. Traces: a LangSmith on this machine."
    )


def test_an_sdk_that_was_used_before_is_sent_here_too(monkeypatch):
    from langsmith import utils
    from langsmith.run_trees import get_cached_client

    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    utils.get_env_var("PROJECT")
    started = session.start("replay")
    assert utils.get_env_var("PROJECT") == os.environ["LANGSMITH_PROJECT"]
    assert get_cached_client().api_url == started.url
