"""What of LangSmith and LiteLLM was used before reads the environment again, or is gone."""

from __future__ import annotations

import sys
from types import ModuleType

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


def test_a_litellm_whose_import_was_interrupted_is_no_obstacle(monkeypatch):
    half = ModuleType("litellm")
    half.callbacks = ["langsmith", print]  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "litellm", half)
    clients.forget_loggers()
    assert half.callbacks == [print]
