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


def cell(text: str, *tags: str) -> NotebookNode:
    wrong = new_output("execute_result", data={"text/plain": text}, execution_count=1)
    return new_code_cell("1 + 1", execution_count=1, outputs=[wrong], metadata={"tags": [*tags]})


def test_only_the_cells_of_the_model_are_left_out(tmp_path: Path):
    cells = [cell("3", TAG), cell("3"), cell("2", TAG)]
    said = nbval_says(tmp_path, cells, ("options", "live"), "--live")
    assert "1 failed, 2 passed" in said and "::Cell 1" in said
