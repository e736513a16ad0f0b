"""A proxy that runs: what it shows of itself, and which one is this process's own."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from helpers.proxy import running
from helpers.proxy.running import Proxy, shell_line


@dataclass
class FakeChild:
    running: bool = True

    def stop(self) -> None:
        self.running = False


def proxy(**options: object) -> Proxy:
    given = {"config": "c.yaml", "port": 4000, "key": "opaque-1", "_wanted": 4000, "_given": {}}
    environment = {"OPENAI_API_KEY": "opaque-2", "OPENAI_BASE_URL": "http://here", "HOME": "/me"}
    return Proxy(**{**given, "_environment": environment, "child": FakeChild(), **options})


@pytest.fixture(autouse=True)
def _own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy of the tests' own process stays out of it."""
    monkeypatch.setattr(running, "_current", None)


def test_the_shell_line_names_what_was_given_and_no_key():
    line = shell_line("a b.yaml", 4000, {"OPENAI_API_KEY": "opaque", "A": "x y"})
    assert line == (
        """A='x y' LITELLM_MASTER_KEY="$LITELLM_MASTER_KEY" OPENAI_API_KEY="$OPENAI_API_KEY" \\"""
        "\n  litellm --config 'a b.yaml' --host 127.0.0.1 --port 4000"
    )


def test_the_shell_line_takes_away_what_was_given_as_none():
    line = shell_line("c.yaml", 4000, {"LITELLM_MASTER_KEY": None})
    assert line.startswith("env -u LITELLM_MASTER_KEY \\\n  litellm --config c.yaml ")


def test_its_environment_tells_where_calls_go_and_no_key():
    shown = proxy(_given={"A": "b"}, _environment={"A": "b", **proxy()._environment}).environment
    assert shown == {"A": "b", "OPENAI_API_KEY": "********", "OPENAI_BASE_URL": "http://here"}


def test_it_does_not_show_its_key():
    assert "opaque-1" not in repr(proxy()) + proxy().command


@pytest.mark.parametrize(("wanted", "told"), [(4000, False), (0, False), (4001, True)])
def test_another_port_than_asked_for_is_said(wanted, told):
    assert (f"instead of port {wanted}, which is taken" in repr(proxy(_wanted=wanted))) is told


def test_a_new_proxy_takes_the_place_of_the_one_before_which_is_stopped():
    first, second = proxy(), proxy()
    running.exchange(first)
    assert running.current() is first
    running.exchange(second)
    assert running.current() is second and not first.running
    running.exchange(None)
    assert running.current() is None and not second.running


def test_a_proxy_that_has_ended_is_not_the_current_one():
    ended = proxy()
    running.exchange(ended)
    ended.stop()
    assert running.current() is None
    assert repr(ended) == "LiteLLM proxy, stopped (config c.yaml)"
    assert ended._repr_html_() == f"<p>{ended!r}</p>"


def test_it_tells_its_project():
    assert proxy(_environment={"LANGSMITH_PROJECT": "gateway"}).project == "gateway"
    assert proxy(_environment={}).project == "default"
