"""Files that share what is slow to start are given to one worker."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from helpers.paths import ROOT
from helpers.testing.sharing import APART, TOGETHER, pytest_xdist_make_scheduler, scope


def test_files_that_share_litellm_go_together_and_others_alone() -> None:
    assert scope("tests/lessons/test_glossary.py::test_a") == "litellm"
    assert scope("tests/lessons/test_one_tree.py::test_b[::]") == "litellm"
    assert scope("tests/view/test_html.py::test_c") == "tests/view/test_html.py"
    lesson = "notebooks/01_trace_with_traceable.ipynb"
    assert scope(f"{lesson}::Cell 3") == lesson


def test_lessons_that_are_run_live_go_by_their_worlds() -> None:
    file = "tests/live/test_lessons.py"
    names = ("[scripted0-00]", "[scripted0-04]", "[scripted0]")
    assert {scope(f"{file}::test_a{name}") for name in names} == {f"{file}[scripted0"}
    assert scope(f"{file}::test_a[scripted1-01]") == f"{file}[scripted1"
    assert scope(f"{file}::test_b") == f"{file}["


@pytest.mark.parametrize("name", TOGETHER + APART)
def test_what_goes_together_is_there(name: str) -> None:
    assert (ROOT / name).exists()


def test_another_way_to_distribute_is_left_to_xdist() -> None:
    config = SimpleNamespace(getoption=lambda name: "load")
    assert pytest_xdist_make_scheduler(config, None) is None


def test_the_scheduler_of_this_run_s_way_asks_for_the_scope(pytestconfig: pytest.Config) -> None:
    values = {"dist": "loadfile", "tx": ["popen"], "maxschedchunk": None}
    config = SimpleNamespace(getoption=values.get, getvalue=values.get, option=pytestconfig.option)
    made = pytest_xdist_make_scheduler(config, None)
    assert made is not None
    assert made._split_scope("tests/lessons/test_wire.py::test_a") == "litellm"
