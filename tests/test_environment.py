"""helpers.environment: which variables send clients where, and that changes can be taken back."""

import pytest

from helpers.environment import Changes, has_key, variables
from helpers.keys import Keys

URL = "http://127.0.0.1:5"
KEYS = Keys("no-real-key-model-0", "no-real-key-langsmith-0")


def test_both_readers_of_the_langsmith_address_get_it():
    found = variables(URL, KEYS)
    assert found["LANGSMITH_ENDPOINT"] == found["LANGSMITH_BASE_URL"] == URL


def test_the_model_api_is_under_v1():
    assert variables(URL, KEYS)["OPENAI_BASE_URL"] == f"{URL}/v1"


@pytest.mark.parametrize(("half", "absent"), [("model", "OPENAI_"), ("traces", "LANGSMITH_")])
def test_a_half_can_be_left_out(half, absent):
    assert not [name for name in variables(URL, KEYS, **{half: False}) if name.startswith(absent)]


@pytest.mark.parametrize("value", ["", "  ", KEYS.model, KEYS.langsmith])
def test_a_blank_or_the_key_of_a_session_is_no_key(value):
    assert not has_key({"OPENAI_API_KEY": value}, "OPENAI_API_KEY")


def test_a_real_key_is_given_back():
    environ = {"OPENAI_API_KEY": "real"}
    changes = Changes(environ)
    changes.point(URL, KEYS, model=True, traces=True)
    assert environ["OPENAI_API_KEY"] == KEYS.model
    changes.restore()
    assert environ == {"OPENAI_API_KEY": "real"}


def test_no_real_key_stays_visible_to_clients_of_this_machine():
    names = ("OPENAI_API_KEY", "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY", "LANGSMITH_RUNS_ENDPOINTS")
    environ = dict.fromkeys(names, "real")
    Changes(environ).point(URL, KEYS, model=True, traces=True)
    assert "real" not in environ.values()


def test_what_the_learner_changed_meanwhile_stays():
    environ = {}
    changes = Changes(environ)
    changes.default("LANGSMITH_PROJECT", "ours")
    environ["LANGSMITH_PROJECT"] = "theirs"
    changes.restore()
    assert environ == {"LANGSMITH_PROJECT": "theirs"}


def test_a_default_gives_way_to_what_is_set():
    environ = {"LANGSMITH_PROJECT": "theirs"}
    Changes(environ).default("LANGSMITH_PROJECT", "ours")
    assert environ == {"LANGSMITH_PROJECT": "theirs"}


def test_proxies_of_a_network_are_kept_off_the_loopback():
    environ = {"NO_PROXY": "example.org"}
    Changes(environ).bypass_proxies()
    assert environ["NO_PROXY"] == "example.org,127.0.0.1,localhost,::1"
