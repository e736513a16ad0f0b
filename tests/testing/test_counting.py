"""The calls and traces that a lesson's head promises are compared with those that it makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from helpers import session
from helpers.paths import NOTEBOOKS
from helpers.testing import counting
from helpers.testing.files import lessons, parse, text_of
from tests.testing.inner import nbval_says

LESSONS = [path for path in lessons() if path.parent == NOTEBOOKS]


@pytest.mark.parametrize(
    ("line", "promise"),
    [
        ("Time: 20 minutes. Live: 60 calls, 1,900 traces.", (60, 1900)),
        ("Time: 9 minutes, 2 of them for an exercise. Live: no calls, 1 trace.", (0, 1)),
        ("Time: 9 minutes. Live: 3 calls, 19 traces, which it deletes.", (3, 0)),
        ("Time: 9 minutes.", None),
        ("Live: 2 calls, 1 trace.", None),
    ],
)
def test_a_promise_is_read_from_the_line_of_the_time(line, promise):
    assert counting.promised(f"# A lesson\n\n{line}\n\n---") == promise


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name[:2])
def test_every_lesson_says_its_calls_and_traces(path: Path):
    assert counting.promised(parse(text_of(path)).cells[0].source) is not None


@pytest.mark.parametrize(
    ("said", "made", "near"),
    [(10, 12, True), (10, 13, False), (900, 960, True), (900, 1020, False), (0, 3, False)],
)
def test_what_a_slow_machine_makes_more_or_less_is_near(said, made, near):
    assert counting.near(said, made) is near


def test_what_a_session_has_made_is_counted(tmp_path: Path):
    import litellm
    from langsmith import traceable

    with session.start("replay"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LANGSMITH_TRACING", "true")
            define = traceable(lambda term: term)
            define("HTTP"), define("DNS")
        question = {"role": "user", "content": "What is HTTP? Answer in one sentence."}
        litellm.completion("gpt-4o-mini", [question], temperature=0)
        counting.counted(str(tmp_path / "made.json"))
    assert json.loads((tmp_path / "made.json").read_text()) == [1, 2]


def test_without_a_session_there_is_nothing_to_count(tmp_path: Path):
    counting.counted(str(tmp_path / "made.json"))
    assert json.loads((tmp_path / "made.json").read_text()) is None


@pytest.mark.parametrize(
    ("promise", "fits"), [("no calls, 2 traces", True), ("9 calls, 2 traces", False)]
)
def test_a_lesson_that_makes_something_else_fails_at_its_last_cell(tmp_path, promise, fits):
    sources = [
        "from helpers import session\nhere = session.start()",
        "from langsmith import Client, trace, tracing_context",
        "with tracing_context(enabled=True), trace('a'):\n    pass",
        "with tracing_context(enabled=True), trace('b'):\n    pass",
    ]
    cells = [new_markdown_cell(f"# A lesson\n\nTime: 2 minutes. Live: {promise}.")]
    cells += [new_code_cell(source) for source in sources]
    said = nbval_says(tmp_path, cells, ["offline", "counting"])
    assert ("4 passed" in said) is fits, said
    assert ("says 9 calls and 2 traces, and it makes 0 and 2" in said) is not fits
