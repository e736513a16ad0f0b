"""helpers.view.axis: one time for all bars of a trace, and how much of it a model took."""

from __future__ import annotations

from helpers.view.axis import Axis
from tests.view.drawing import run


def test_bars_are_placed_on_the_time_of_the_whole_trace():
    late = run("late", start=1, seconds=3)
    axis = Axis(run("root", late, seconds=2))
    assert axis.span == 4 and axis.place(late) == (25.0, 75.0)


def test_a_run_that_is_alone_needs_no_bar():
    assert not Axis(run("alone", run_type="llm")).several
    assert Axis(run("root", run("child"))).several


def test_the_time_is_parted_in_the_models_and_the_rest():
    asked = run("ask", run_type="llm", start=0.5, seconds=1.25)
    assert Axis(run("root", asked, seconds=2)).parts() == ("1.25 s", "0.75 s")


def test_calls_that_overlap_count_once():
    calls = (run(f"{n}", run_type="llm", start=n / 4, seconds=1) for n in range(3))
    inner = run("outer", run("inner", run_type="llm", start=2, seconds=1), run_type="llm",
                start=2, seconds=1)  # fmt: skip
    assert Axis(run("root", *calls, inner, seconds=4)).parts() == ("2.50 s", "1.50 s")


def test_nothing_is_parted_where_it_is_not_known():
    asked, tool = run("ask", run_type="llm"), run("tool", run_type="tool")
    waiting = run("wait", status="pending", seconds=None)
    for root in (asked, run("root", tool), run("root", asked, waiting)):
        assert Axis(root).parts() is None


def test_a_pending_run_reaches_to_the_end():
    waiting = run("wait", start=1, status="pending", seconds=None)
    assert Axis(run("root", waiting, seconds=4)).place(waiting) == (25.0, 75.0)
