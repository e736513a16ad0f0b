"""helpers.proxy.log: what a reader of the proxy's log is shown and told."""

import re

import pytest

from helpers.keys import Keys
from helpers.proxy import log as proxy_log


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        ("ModuleNotFoundError: No module named 'litellm'", 'pip install "litellm\\[proxy\\]"'),
        ("ImportError: Missing dependency No module named 'apscheduler'", "is missing"),
        ("[Errno 98] error while attempting to bind on address", "Another program holds the port"),
        ("[winerror 10048] error while attempting to bind on address", "holds the port"),
        ("yaml.scanner.ScannerError: mapping values are not allowed here", "not valid YAML"),
        ("something new", "not one that this tutorial knows"),
    ],
)
def test_the_log_tells_the_cause(log, cause):
    assert re.search(cause, proxy_log.cause(log))


def test_keys_of_the_environment_do_not_reach_a_reader_of_the_log():
    ours = Keys()
    environment = {"OPENAI_API_KEY": "opaque-provider-key", "LANGSMITH_API_KEY": ours.langsmith}
    text = f"\x1b[31mopaque-provider-key {ours.langsmith} {ours.model} lsv2_pt_0123456789"
    expected = "$OPENAI_API_KEY $LANGSMITH_API_KEY [a key] [a key]"
    assert proxy_log.scrub(text, environment) == expected


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("OPENAI_API_KEY", "a-real-one", "********"),
        ("OPENAI_API_KEY", "no-real-key-model-0", "********"),
        ("OPENAI_API_KEY", "", ""),
        ("LANGSMITH_PROJECT", "glossary", "glossary"),
    ],
)
def test_a_key_is_masked_and_nothing_else(name, value, shown):
    assert proxy_log.masked(name, value) == shown


def test_the_verdict_is_the_line_in_which_litellm_refuses():
    refusal = "LiteLLM proxy refused to start: no master key is set."
    log = (
        f"ERROR:    Application startup failed.\nbefore it: {refusal}\n\n{refusal}\nNeither is set."
    )
    assert proxy_log.verdict(log) == refusal
    assert proxy_log.verdict("ModuleNotFoundError: No module named 'fastapi'") == ""
