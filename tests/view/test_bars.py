"""helpers.view.bars: bars that are told apart without colours, on a scale."""

from __future__ import annotations

import re

from helpers.view import colours
from helpers.view.axis import Axis
from helpers.view.bars import bar, ruler, sampled
from tests.view.drawing import run


def heights(markup: str) -> list[str]:
    return re.findall(r"(?<![-\w])height:(\d+)px", markup)


def test_a_models_bar_is_thicker_than_all_others():
    kinds = [run(kind, run_type=kind) for kind in ("llm", "embedding", "tool", "chain", "parser")]
    axis = Axis(run("root", *kinds))
    drawn = [heights(bar(axis, each)) for each in kinds]
    assert drawn == [["10"], ["10"], ["4"], ["4"], ["4"]]


def test_a_run_that_is_alone_has_no_bar():
    alone = run("alone", run_type="llm")
    assert bar(Axis(alone), alone) == ""


def test_a_failed_run_and_one_that_is_pending_look_so():
    failed, waiting = run("f", status="error"), run("w", status="pending", seconds=None)
    axis = Axis(run("root", failed, waiting))
    assert colours.ERROR in bar(axis, failed)
    assert "dashed" in bar(axis, waiting) and "background" not in bar(axis, waiting)


def test_the_scale_goes_from_nothing_to_the_end_of_the_trace():
    words = re.sub("<[^>]+>", "", ruler(Axis(run("root", run("late", start=1, seconds=3)))))
    assert words == "0 s – 4.00 s &nbsp;"
    assert ruler(Axis(run("alone"))) == ""


def test_each_part_of_the_time_shows_how_its_bars_look():
    line = sampled("1.00 s in the model, 0.50 s in the rest")
    assert heights(line) == ["10", "4"]
    assert line.index(colours.MODEL) < line.index("in the model") < line.index(colours.REST)
    assert sampled("") == ""
