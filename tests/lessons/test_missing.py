"""Lesson 13's table of symptoms: each row is held by tests, and here are those it has alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from langsmith import Client, traceable, utils

from helpers import traces
from helpers.session import clients
from tests.lessons.calls import NOTEBOOKS, lesson

# The first words of each row, and the tests that assert what it says.
HELD = {
    "nothing, and no": "test_planted::test_a_late_switch_is_on_in_the_environment_and_off_in_the",
    "`LANGSMITH_TRACING` is": "test_missing::test_only_true_in_small_letters_turns_tracing_on",
    "the last runs of a script": "test_scripts::test_with_the_default_batch_neither_script_has",
    "the last runs of a function": "test_scripts::test_a_frozen_process_has_sent_what_it_flushed",
    "synchronous calls, all": "test_callback::test_a_synchronous_call_is_sent_by_no_clock",
    "synchronous calls, sent": "test_callback::test_synchronous_calls_send_the_whole_queue_again",
    "failures |": "test_callback::test_a_logger_does_not_read_its_settings_again_and_gets_no",
    "failures of": "test_callback::test_a_failure_is_logged_by_callbacks_and_for_async_calls_only",
    "LiteLLM's runs": "test_callback::test_without_an_address_of_its_own_the_callback_goes_to_the",
    "runs in a project": "test_missing::test_without_a_project_each_layer_has_its_own",
    "many at once": "test_planted::test_one_entry_that_is_refused_takes_the_batch_with_it",
    "a call is there twice": "test_beneath::test_both_layers_at_once_make_two_traces_that_know",
    "all of a proxy": "test_missing::test_a_proxy_refuses_no_master_key_and_one_that_all",
    "nothing new for": "test_losses::test_in_a_silence_runs_are_queued_behind_one_request_that_no",
}


def rows() -> list[str]:
    (path,) = NOTEBOOKS.glob("13_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    table = next(cell.source for cell in cells if cell.source.startswith("## Look a symptom up"))
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return lines[1:]


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("missing"):
        yield


def test_every_row_of_the_table_has_a_test_that_is_there():
    table = [line.removeprefix("| ") for line in rows()]
    assert [[row for row in table if row.startswith(start)] for start in HELD] == [
        [row] for row in table
    ]
    for name in HELD.values():
        module, _, test = name.partition("::")
        source = (Path(__file__).parent / f"{module}.py").read_text("utf-8")
        assert re.search(rf"^def {test}", source, re.MULTILINE), name


@pytest.mark.parametrize(("value", "on"), [("true", True), ("True", False), ("1", False)])
def test_only_true_in_small_letters_turns_tracing_on(monkeypatch, value, on):
    monkeypatch.setenv("LANGSMITH_TRACING", value)
    clients.read_again()
    assert utils.tracing_is_enabled() is on


def test_without_a_project_each_layer_has_its_own(monkeypatch):
    from litellm.integrations.langsmith import LangsmithLogger

    for name in ("LANGSMITH_PROJECT", "LANGCHAIN_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    clients.read_again()
    credentials: dict[str, Any] = dict(LangsmithLogger().get_credentials_from_env())
    ours = utils.get_tracer_project()
    assert (ours, credentials["LANGSMITH_PROJECT"]) == ("default", "litellm-completion")


@pytest.mark.parametrize("key", [None, "", "sk-1234"])
def test_a_proxy_refuses_no_master_key_and_one_that_all_know(key):
    from litellm.proxy.auth import master_key_boot_check as check

    assert check._unsafe_reason(key) is not None
    assert check._unsafe_reason("0f" * 32) is None  # as openssl rand -hex 32 gives one


@pytest.mark.struggle(19)
def test_a_client_flushes_what_it_has_and_not_what_another_has(monkeypatch):
    monkeypatch.setenv("LANGSMITH_PROJECT", "another")
    clients.read_again()
    # It holds runs back until there are 100 of them, or somebody flushes it.
    options: dict[str, Any] = {"run_ops_buffer_size": 100, "run_ops_buffer_timeout_ms": 3_600_000}
    client = Client(process_buffered_run_ops=list, **options)

    @traceable(client=client, enabled=True)
    def handler() -> str:
        return "answer"

    handler()
    Client().flush(timeout=5)
    assert traces.query(project="another") == []
    client.flush(timeout=5)
    assert [run.name for run in traces.query(project="another")] == ["handler"]
