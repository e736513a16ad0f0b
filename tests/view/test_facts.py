from __future__ import annotations

import re
from typing import Any

import pytest

from helpers.view.facts import outputs_of
from tests.view.drawing import ANSWER, ASK, html, run, text


def test_an_error_shows_the_exception_without_traceback_path_port_or_address():
    error = (
        "FileNotFoundError(2, 'gone')\n\nTraceback (most recent call last):\n"
        '  File "/home/ada/app.py", line 3, in f\n    open(name)\n'
        "FileNotFoundError: [Errno 2] gone: '/home/ada/x.txt' at 127.0.0.1:401 <f at 0x7f00aabb>\n"
    )
    assert text(run("load", status="error", error=error)) == (
        "load  chain  ✗ error  1.00 s\n"
        "   ✗    FileNotFoundError: [Errno 2] gone: 'x.txt' at 127.0.0.1 <f at 0x…>"
    )


def test_an_error_keeps_the_route_that_it_names():
    error = "400: /chat/completions: Invalid model name. Call `/v1/models` to view those there are."
    assert f"✗    {error}" in text(run("LLMRun", status="error", error=error))


def test_a_message_of_several_lines_shows_the_line_that_names_the_exception():
    error = "X()\n\nTraceback (most recent call last):\n  File\n    f()\nmy.Error: first\nsecond\n"
    assert "✗    my.Error: first" in text(run("f", status="error", error=error))


def test_a_pending_run_looks_pending_and_has_no_duration():
    root = run("draft", status="pending", seconds=None, inputs={"term": "TCP"})
    assert text(root) == 'draft  chain  … pending\n   in   term: "TCP"'


def test_feedback_is_shown_and_metadata_when_asked_for():
    root = run(
        "f", feedback={"helpful": {"avg": 0.5, "n": 2}}, tags=("v1", "User-Agent: OpenAI/2.54"),
        metadata={"user": "u1", "LANGSMITH_ENDPOINT": "x", "key": "127.0.0.1:4", "revision_id": 1},
    )  # fmt: skip
    assert text(root).splitlines()[1:] == ["   ★    helpful: 0.5 (of 2)"]
    assert text(root, metadata=True).splitlines()[1:3] == ["   tags v1", '   meta user: "u1"']


def test_labels_from_the_parent_are_not_repeated():
    child = run("g", tags=("v1", "own"), metadata={"user": "u1", "step": 2})
    root = run("f", child, tags=("v1",), metadata={"user": "u1"})
    assert text(root, metadata=True).splitlines()[-2:] == ["      tags own", "      meta step: 2"]
    assert html(root, metadata=True).count("u1") == 1


def test_a_call_that_raised_shows_no_empty_output():
    root = run("f", status="error", error="ValueError: no", outputs={"output": None})
    assert "out" not in text(root) and "null" not in html(root)


@pytest.mark.parametrize(
    ("outputs", "shown"),
    [
        ({"usage_metadata": {"input_tokens": 0, "total_cost": 0.0, "details": {}}}, {}),
        ({"output": None, "usage": {"total_tokens": 0}}, {}),
        ({"usage_metadata": {"input_tokens": 9}}, {"usage_metadata": {"input_tokens": 9}}),
        ({"count": 0}, {"count": 0}),
    ],
)
def test_a_failed_run_shows_no_usage_of_nothing(outputs: dict[str, Any], shown: dict[str, Any]):
    assert outputs_of(run("f", status="error", error="no", outputs=outputs)) == shown
    assert outputs_of(run("f", outputs=outputs)) == outputs


def test_what_went_wrong_comes_first():
    root = run("f", status="error", error="no", inputs={"a": 1}, outputs={"b": 2})
    assert [line.split()[0] for line in text(root).splitlines()[1:]] == ["✗", "in", "out"]
    words = re.sub("<[^>]+>", "", html(root))
    assert words.index("✗ &nbsp;no") < words.index("in &nbsp;a: 1") < words.index("out &nbsp;b: 2")


@pytest.mark.parametrize("metadata", [True, False])
def test_text_and_html_have_the_same_rows(metadata: bool):
    call = run("m", run_type="llm", inputs=ASK, outputs=ANSWER, metadata={"step": 2}, tags=("own",))
    root = run(
        "f", call, inputs={"a": 1}, outputs={"b": 2}, tags=("v1",), metadata={"user": "u1"},
        feedback={"helpful": {"avg": 0.5}}, status="error", error="no",
    )  # fmt: skip
    label = re.compile(r"[│ ]*(✗|time|in|out|tags|meta|★) ")
    lines = map(label.match, text(root, metadata=metadata).splitlines())
    drawn = re.sub("<[^>]+>", "", html(root, metadata=metadata).replace("<li>", "\n"))
    lines_drawn = re.sub(r"0 s – \d\.\d\d s &nbsp;", "", drawn).replace("&nbsp;", " ").splitlines()
    rows = map(label.match, lines_drawn)
    assert [row[1] for row in rows if row] == [line[1] for line in lines if line]
    assert ("meta" in drawn) is metadata


@pytest.mark.parametrize(
    ("cost", "shown"),
    [(0.000012, "$0.000012"), (1e-8, "<$0.000001"), (1.5, "$1.50"), (0.1 + 0.2, "$0.30")],
)
def test_a_cost_is_written_out_in_dollars(cost: float, shown: str):
    assert text(run("f", total_cost=cost)).endswith(f"  {shown}")


def test_a_name_with_line_breaks_or_reversing_marks_stays_on_its_line():
    assert text(run("a\n b\u202ec")) == "a b\\u202ec  chain  ok  1.00 s"
    assert "\u202e" not in text(run("a\u202e")) + html(run("a\u202e"))


@pytest.mark.parametrize("hashed", [{"user_api_key_hash": "…"}, {}])
def test_what_litellm_adds_is_not_shown_as_chosen(hashed):
    added = {
        **hashed,
        "requester_custom_headers": {"x-stainless-os": "Linux"},
        "user_agent": "curl",
    }
    called = run("LLMRun", metadata={**added, "requester_metadata": {"customer": "acme"}})
    drawn = html(called, metadata=True)
    assert "acme" in drawn and "Linux" not in drawn and "curl" not in drawn
