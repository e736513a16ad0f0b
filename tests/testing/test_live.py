"""What is compared of a lesson that is run live: the shape of a trace, and no word of a model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from nbval.plugin import get_sanitize_patterns

from helpers.paths import SANITIZERS
from helpers.testing.live import OF_A_MODEL, TAG
from helpers.traces.waiting import SENT_NOTHING
from tests.testing.inner import nbval_says

STORED = """\
ask  llm  ok  0.01 s  63 tokens  $0.00002
\u2502  in   user: "What is HTTP?"
\u2502  out  assistant: "HTTP stands for"
\u2514\u2500 look up  tool  ok  0.00 s
      out  output: "a protocol\""""
LIVE = """\
ask  llm  ok  1.21 s  1,058 tokens  $0.000128
\u2502  in   user: "What is HTTP?"
\u2502  out  assistant: "It is the protocol of the web."
\u2514\u2500 look up  tool  ok  0.40 s
      out  output: "another\""""


def sanitised(text: str) -> str:
    for file in (SANITIZERS, OF_A_MODEL):
        for pattern, replacement in get_sanitize_patterns(file.read_text("utf-8")):
            text = re.sub(pattern, replacement, text)
    return text


def test_words_tokens_and_costs_of_a_trace_may_differ():
    assert sanitised(STORED) == sanitised(LIVE)


@pytest.mark.parametrize(
    "damage", ["ask  ", "llm", "ok", "in   user", "What is", "\u2514\u2500", "tool", "  out"]
)
def test_its_shape_may_not(damage: str):
    assert damage in LIVE
    assert sanitised(STORED) != sanitised(LIVE.replace(damage, "X", 1))


def test_the_first_line_of_a_lesson_may_name_another_model():
    lines = ["recorded from SmolLM2-135M-Instruct. Traces: a LangSmith on this machine."]
    lines += ["live from the provider. Traces: LangSmith."]
    first, second = (sanitised(f"Model answers: {line}") for line in lines)
    assert first == second


NONE = "No trace in project shop yet. Likely reasons:\n- Nothing has been called."
LATER = "\n- LangSmith makes readable later what it has taken: run this cell again."
OLDER = (
    '\n- What is there is older than this session, the newest is "ask": `traces.query()` reads it.'
)
TABLE = "found in  how often\n{0}  {1}\nerror     1 of 2 runs\nthe bytes received  {2}"
TOOL = "look_up  tool  ok  0.00 s\n   in   term: {}\n   out  output: null"


@pytest.mark.parametrize(
    ("stored", "live"),
    [
        ("('HTTP', '$0.00002025')", "('HTTP', '$0.00002760')"),
        ("('curl', 65, 2.145e-05)", "('curl', 57, 2.7e-05)"),
        (NONE, NONE.replace("shop", "shop-of-ada") + LATER + OLDER),
        (STORED, f"({SENT_NOTHING})\n{LIVE}"),
        (
            TABLE.format("\u2500" * 8, "\u2500" * 15, "1 of 1 requests"),
            TABLE.format("\u2500" * 8, "\u2500" * 11, "not seen"),
        ),
        (TOOL.format('"LATENCING"'), TOOL.format('"latency"')),
        ("{'delta': {'content': ' for'}}", "{'delta': {'content': \"it's\"}}"),
        ("LLMRun: on it, on the wire 15.2 kB\n", "LLMRun: on it, on the wire not seen\n"),
    ],
)
def test_what_a_model_or_another_langsmith_makes_different_may(stored: str, live: str):
    assert stored != live and sanitised(stored) == sanitised(live)


@pytest.mark.parametrize(
    ("stored", "live"),
    [
        ("('HTTP', '$0.00002025')", "('HTTP', '$0.00000000')"),
        ("('curl', 65, 2.145e-05)", "('curl', 0, 0.0)"),
        (NONE, NONE.replace("Nothing", "Something")),
        (TABLE.format("\u2500", "\u2500", "not seen"), TABLE.format("\u2500", "\u2500", "gone")),
        (TOOL.format('"DNS"'), TOOL.format('"DNS"').replace("ok", "\u2717 error")),
        ("\u2717    KeyError: 'DNS'", "\u2717    ValueError: 'DNS'"),
        ("shop-of-ada", "shop-of-ben"),
    ],
)
def test_what_a_lesson_is_about_may_not(stored: str, live: str):
    assert sanitised(stored) != sanitised(live)


def cell(text: str, *tags: str) -> NotebookNode:
    wrong = new_output("execute_result", data={"text/plain": text}, execution_count=1)
    return new_code_cell("1 + 1", execution_count=1, outputs=[wrong], metadata={"tags": [*tags]})


def test_only_the_cells_of_the_model_are_left_out(tmp_path: Path):
    cells = [cell("3", TAG), cell("3"), cell("2", TAG)]
    said = nbval_says(tmp_path, cells, ("options", "live"), "--live")
    assert "1 failed, 2 passed" in said and "::Cell 1" in said
