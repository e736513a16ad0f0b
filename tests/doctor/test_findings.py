"""What is found where a layer keeps something from before, or does not do what was meant."""

from types import SimpleNamespace

import pytest

from helpers.doctor import findings, views
from tests.doctor.seeing import statuses


def test_a_callback_for_successes_only_is_named():
    events = frozenset({"success"})
    seen = views.callback_view({}, events=events)
    found = statuses(findings.callback({"LANGSMITH_API_KEY": "k"}, seen, seen, events))
    assert found == {"langsmith callback": "warning"}


def test_a_callback_without_a_key_is_red():
    events = frozenset({"success", "failure"})
    seen = views.callback_view({}, events=events)
    found = statuses(findings.callback({}, seen, seen, events))
    assert found == {"LANGSMITH_API_KEY": "problem"}


def test_a_logger_shows_what_it_was_made_with_and_what_waits():
    logger = SimpleNamespace(batch_size=9, flush_interval=5, sampling_rate=0.0, log_queue=[1, 2])
    environ = {"LANGSMITH_BATCH_SIZE": "1", "LANGSMITH_API_KEY": "k"}
    events = frozenset({"success", "failure"})
    seen = views.callback_view(environ, logger=logger, events=events)
    fresh = views.callback_view(environ)
    assert seen.settings["batch size"] == "9, or what came in 5 seconds" and seen.waiting == 2
    found = statuses(findings.callback(environ, seen, fresh, events))
    assert set(found) == {"callback batch size", "callback sampling rate", "callback queue"}


def test_a_proxy_started_before_a_change_is_named():
    before, after = (views.callback_view({"LANGSMITH_PROJECT": name}) for name in "ab")
    (found,) = findings.proxy(before, after)
    assert "project" in found.detail


@pytest.mark.parametrize("task", [None, SimpleNamespace(done=lambda: True)])
def test_a_logger_without_a_clock_is_named(task):
    logger = SimpleNamespace(
        batch_size=512, flush_interval=5, sampling_rate=1.0, log_queue=[1], _flush_task=task
    )
    environ, events = {"LANGSMITH_API_KEY": "k"}, frozenset({"success", "failure"})
    seen = views.callback_view(environ, logger=logger, events=events)
    found = statuses(findings.callback(environ, seen, views.callback_view(environ), events))
    assert found == {"callback queue": "warning", "callback clock": "warning"}


@pytest.mark.parametrize(
    ("enabled", "events", "count"), [(True, 2, 1), (True, 0, 0), (False, 2, 0)]
)
def test_two_layers_that_are_on_are_named(enabled, events, count):
    logged = frozenset(["success", "failure"][:events])
    both = views.sdk_view({}, enabled=enabled), views.callback_view({}, events=logged)
    assert len(list(findings.twice(*both))) == count
