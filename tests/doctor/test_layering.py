"""The layers side by side, and where they differ."""

from types import SimpleNamespace

import pytest

from helpers.doctor import layering, views
from helpers.doctor.seen import SETTINGS
from helpers.environment import variables
from helpers.keys import Keys
from tests.doctor.seeing import CLOUD, HERE, statuses


def test_no_key_reaches_the_report_from_any_variable():
    secret = "sk-" + "0123456789abcdefghij"
    names = [name for each in SETTINGS.values() for name in each if name]
    environ = dict.fromkeys(names, secret) | {"LANGSMITH_BASE_URL": f"https://u:{secret}@host/x"}
    shown = layering.read(environ)
    assert secret[:8] not in str(shown) + shown.html()


def _found(environ):
    return {check.name: check for check in layering.read(environ).findings}


def test_a_session_has_no_findings():
    assert not _found(
        variables(HERE, Keys()) | {"LANGSMITH_PROJECT": "p", "LANGSMITH_TRACING": "true"}
    )


@pytest.mark.parametrize(
    ("environ", "name", "says"),
    [
        ({"LANGSMITH_ENDPOINT": HERE}, "address", "the callback and the proxy post to api.smith"),
        ({"LANGSMITH_BASE_URL": HERE}, "address", f"the SDK posts to {CLOUD}"),
        ({"LANGSMITH_BASE_URL": f"{HERE}/api"}, "LANGSMITH_BASE_URL", "/api/api/v1/runs/batch"),
        ({"LANGSMITH_TRACING": "True"}, "LANGSMITH_TRACING", "exactly true; it is 'True'"),
        (
            {"LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "false"},
            "LANGSMITH_TRACING",
            "LANGCHAIN_TRACING_V2 says false and comes first",
        ),
        ({"LANGSMITH_SAMPLING_RATE": "0.5"}, "LANGSMITH_SAMPLING_RATE", "0.5 is ignored"),
        (
            {"LANGSMITH_TRACING_SAMPLING_RATE": "2"},
            "LANGSMITH_TRACING_SAMPLING_RATE",
            "not a number from 0 to 1",
        ),
        ({"LANGCHAIN_PROJECT": "p"}, "LANGSMITH_PROJECT", "of the callback litellm-completion"),
        ({"LANGCHAIN_API_KEY": "k"}, "LANGSMITH_API_KEY", "of the callback not set"),
        ({"LANGSMITH_WORKSPACE_ID": "w"}, "workspace", "LANGSMITH_TENANT_ID"),
        ({"LANGSMITH_RUNS_ENDPOINTS": "{}"}, "LANGSMITH_RUNS_ENDPOINTS", "ignores"),
        ({"LANGSMITH_BATCH_SIZE": "one"}, "LANGSMITH_BATCH_SIZE", "no whole number"),
        ({"LANGSMITH_MOCK": "true"}, "LANGSMITH_MOCK", "thrown away"),
        ({"LANGSMITH_API_KEY": Keys().langsmith}, "key", "placeholder"),
    ],
)
def test_a_difference_is_explained(environ, name, says):
    assert says in _found(environ)[name].detail


def test_a_running_proxy_is_read_and_what_it_was_given_is_no_fault(monkeypatch):
    given = {"LANGSMITH_PROJECT": "given", "LANGSMITH_API_KEY": "********"}
    running = SimpleNamespace(environment=given, config=None, given=given)
    monkeypatch.setattr(views, "current", lambda: running)
    found = layering.read({"LANGSMITH_PROJECT": "other", "LANGSMITH_API_KEY": "k"})
    assert found.seen[2].settings["project"] == "given" and found.seen[2].state == "is running"
    assert "proxy" not in statuses(found.findings)
