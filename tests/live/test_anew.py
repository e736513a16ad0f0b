"""A lesson is recorded anew by a provider of other words, as ``anew`` does with all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers import recording
from helpers.testing.files import parse, text_of
from tests.faults.leaks import checkout
from tests.live import anew, scripted

LESSON = "notebooks/00_start_here.ipynb"


def test_a_lesson_holds_in_the_words_of_another_model(
    tmp_path: Path, request: pytest.FixtureRequest
):
    if not request.config.getoption("--live"):
        pytest.skip("it was not asked for by --live; the workflow `weekly` does it with all")
    course = checkout(tmp_path)
    assert anew.emptied(course) > 200
    suite = ["-q", LESSON, "tests/repo/test_quotes.py", "-k", "00 or Cell"]
    assert anew.anew(course, tmp_path, suite, [("record", LESSON), ("refresh", LESSON)]) is None
    said = recording.load(course / "notebooks" / "recordings").values()
    assert {one.speaker for one in said} == {scripted.MODELS["gpt-4o-mini"]}
    shown = str(parse(text_of(course / LESSON)).cells)
    assert scripted.KNOWN["dns"][:60] in shown and "SmolLM2-135M" not in shown


def test_what_fails_first_is_named_and_nothing_after_it_is_run(tmp_path: Path):
    course = tmp_path / "course"
    course.mkdir()
    assert anew.anew(course, tmp_path, [], [("record", "--nothing"), ("refresh",)]) == (
        "record --nothing"
    )
