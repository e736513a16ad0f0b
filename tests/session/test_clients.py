"""A LangSmith SDK that was used before reads the environment again."""

from __future__ import annotations

from langsmith import run_trees, utils

from helpers.session import clients


def test_variables_and_the_client_are_read_anew(monkeypatch):
    monkeypatch.setenv("LANGSMITH_PROJECT", "one")
    clients.forget()
    assert utils.get_tracer_project() == "one"
    made = run_trees.get_cached_client()
    assert clients.sdk_client() is made
    monkeypatch.setenv("LANGSMITH_PROJECT", "two")
    assert utils.get_tracer_project() == "one"
    clients.forget()
    assert utils.get_tracer_project() == "two" and clients.sdk_client() is None
    made.close(timeout=0)
