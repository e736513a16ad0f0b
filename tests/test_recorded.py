"""What recordings cost, what they leave old or unasked for, and a report of them."""

from __future__ import annotations

from pathlib import Path

import litellm
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers import recorded, recording
from helpers.recording import Recording

ANSWER = "HTTP is how browsers ask servers for pages, said by a test."


def one(text: str = ANSWER, *, model: str = "gpt-4o-mini", **said: object) -> Recording:
    usage = {"prompt_tokens": 30, "completion_tokens": 20}
    body = {"choices": [{"message": {"content": text}}], "usage": usage}
    request = {"model": model, "messages": [{"role": "user", "content": text[:10]}]}
    about = {"model": "m", "date": "2026-11-25", **said}
    response = {"status": 200, "headers": {}, "body": body}
    return Recording("/chat/completions", request, response, about, name=f"{text[:4]}.json")


def test_a_sum_has_calls_tokens_and_the_price_of_those_named():
    price = litellm.model_cost["gpt-4o-mini"]
    dollars = 30 * price["input_cost_per_token"] + 20 * price["output_cost_per_token"]
    made = recorded.summed([one(), one(model="nobody-s"), Recording("/x", {}, {"status": 200})])
    assert (made.calls, made.tokens_in, made.tokens_out) == (3, 60, 40)
    assert made.dollars == pytest.approx(dollars)
    assert str(made).startswith("3 calls, 60 tokens in and 40 out: $0.0000 at the prices")


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shown = new_output("execute_result", data={"text/plain": f"out  {ANSWER[:40]}…"})
    path = tmp_path / "01_a.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("ask()", outputs=[shown])]), path)
    monkeypatch.setattr(recorded, "lessons", lambda: [path])
    return path


def test_a_lesson_is_old_that_shows_an_answer_which_is_another_now(lesson: Path):
    before = {"a": one()}
    assert recorded.old(before, {"a": one("Something else, as long as the other.")}) == [lesson]
    assert recorded.old(before, {}) == [lesson]


def test_a_lesson_is_not_old_whose_answers_are_as_they_were(lesson: Path):
    assert recorded.old({"a": one()}, {"a": one()}) == []
    assert recorded.old({"b": one("Another answer, of which no lesson shows a word.")}, {}) == []
    assert recorded.old({"b": one("Yes.")}, {}) == []


def test_every_lesson_is_old_where_another_model_speaks(lesson: Path):
    known = {"b": one("Another answer, of which no lesson shows a word.")}
    other = {"c": one("An answer of a model that was not there.")}
    assert recorded.old(known, known | other) == []
    other["c"].recorded["model"] = "n"
    assert recorded.old(known, known | other) == recorded.old({}, other) == [lesson]


def test_what_nobody_has_asked_for_is_found(tmp_path: Path):
    paths = [recording.save(tmp_path, each) for each in (one(), one("Another answer."))]
    assert recorded.unasked(tmp_path, {paths[0].name}) == [paths[1]]


def test_a_report_tells_models_days_and_versions(tmp_path: Path):
    recording.save(tmp_path, one(versions={"openai": "2.0", "litellm": "1.0"}))
    later = one("Another answer.", date="2026-11-26", versions={"litellm": "1.0", "openai": "2.0"})
    recording.save(tmp_path, later)
    recording.save(tmp_path / recording.MORE, one())
    assert recorded.report(tmp_path) == [
        f"{tmp_path.name}/: 2 of m, 2026-11-25 to 2026-11-26; litellm 1.0, openai 2.0",
        "more/: 1 of m, 2026-11-25; no versions",
    ]
