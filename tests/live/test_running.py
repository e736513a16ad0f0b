"""How lessons are run live: the learner's variables, what counts as compared, and the search."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.testing.live import TAG
from tests.live import running
from tests.live.running import RANDOM, Live


def test_a_learner_has_his_own_keys_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("OPENAI_API_KEY", "GEMINI_API_KEY", "LANGSMITH_PROJECT", "TUTORIAL_PACE"):
        monkeypatch.setenv(name, "of the machine")
    own = running.learner({"LANGSMITH_API_KEY": "hers"}, tmp_path, OPENAI_API_KEY="hers too")
    assert "of the machine" not in own.values()
    assert (own["LANGSMITH_API_KEY"], own["OPENAI_API_KEY"]) == ("hers", "hers too")


def test_what_depends_on_the_model_or_on_chance_is_not_compared():
    said = [new_output("stream", name="stdout", text="1")]
    tagged = [new_code_cell("1", outputs=said, metadata={"tags": [tag]}) for tag in (TAG, RANDOM)]
    silent = new_code_cell("1")
    lesson = new_notebook(cells=[*tagged, silent, new_code_cell("1", outputs=said)])
    assert running.compared(lesson) == (3, 1)


@pytest.mark.parametrize("name", ["01.json", "sub/gateway.log", "hosted.sqlite-wal"])
def test_a_key_that_was_left_is_found(tmp_path: Path, name: str):
    left = tmp_path / name
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"\x00key sk-planted-1 \xff")
    there = Live("scripted", {}, [], tmp_path, ("sk-planted-1",))
    assert running.search(there) == [left]
