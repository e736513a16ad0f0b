from __future__ import annotations

from datetime import timedelta

from helpers.traces import Run
from tests.view.drawing import ANSWER, ASK, BEGIN, html, run, text


def test_the_text_is_a_tree_with_kind_status_duration_tokens_and_cost():
    answer = run(
        "answer", run_type="llm", seconds=0.0123, inputs=ASK, outputs=ANSWER, total_tokens=42,
        total_cost=0.000012, first_token_seconds=0.01,
    )  # fmt: skip
    check = run("check", run_type="tool", seconds=12.344, outputs={"valid": True, "n": [1, None]})
    define = run("define", answer, check, inputs={"term": "HTTP"}, outputs={"output": "Fine."})
    assert text(define) == (
        "define  chain  ok  1.00 s\n"
        "│  time 0.01 s in the model, 12.33 s in the rest\n"
        '│  in   term: "HTTP"\n'
        '│  out  output: "Fine."\n'
        "├─ answer  llm  ok  0.01 s  42 tokens  $0.000012  first token 0.01 s\n"
        '│     in   user: "What is HTTP?"\n'
        '│     out  assistant: "HTTP is a protocol."\n'
        "└─ check  tool  ok  12.34 s\n"
        "      out  valid: true, n: [1, null]"
    )


def test_inputs_and_outputs_can_be_left_out():
    root = run("f", inputs={"a": 1}, outputs={"b": 2})
    assert text(root, inputs=False, outputs=False) == "f  chain  ok  1.00 s"
    assert "a:" not in html(root, inputs=False) and "b:" in html(root, inputs=False)


def test_the_text_of_the_same_trace_is_the_same_whatever_ids_and_clock_say():
    later = BEGIN + timedelta(days=3)
    one, two = run("f"), Run("other", "x", "f", later, end=later, seconds=1)
    assert text(one) == text(two)
