from __future__ import annotations

from datetime import UTC, datetime, timedelta

from helpers.langsmith_local.pages.waterfall import DEEPEST, Bar, waterfall
from helpers.view import Run

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def run(name: str, parent: str | None = None, at: float = 0, long: float = 1.0, **more) -> Run:
    start = BEGUN + timedelta(seconds=at)
    more = {"end": start + timedelta(seconds=long), **more}
    return Run(id=name, trace_id="root", name=name, start=start, parent_id=parent, **more)


def test_the_steps_are_nested_as_the_runs_are() -> None:
    runs = [run("root"), run("a", "root"), run("b", "a"), run("c", "root")]
    steps = [(step.run.name, step.opens, step.closes) for step in waterfall(runs).steps]
    assert steps == [("root", True, 0), ("a", True, 0), ("b", False, 1), ("c", False, 1)]


def test_each_bar_stands_where_its_run_does_on_the_axis() -> None:
    runs = [run("root", long=4), run("a", "root", at=1, long=2)]
    assert [step.bar for step in waterfall(runs).steps] == [Bar(0, 100), Bar(25, 50)]


def test_the_axis_has_a_scale_of_round_seconds() -> None:
    assert waterfall([run("root", long=4), run("a", "root")]).ticks == (
        (0.0, 0.0),
        (2.0, 50.0),
        (4.0, 100.0),
    )


def test_a_run_that_has_not_ended_is_drawn_to_the_end_of_what_is_known() -> None:
    runs = [run("root", status="pending", end=None), run("a", "root", at=1, long=1)]
    assert waterfall(runs).steps[0].bar == Bar(0, 100)


def test_no_bar_stands_where_it_would_say_nothing() -> None:
    alone, no_time = [run("root")], [run("root", long=0), run("a", "root", long=0)]
    for runs in (alone, no_time):
        fall = waterfall(runs)
        assert fall.ticks == () and all(step.bar is None for step in fall.steps)


def test_a_run_whose_parent_is_not_there_stands_at_the_top() -> None:
    steps = waterfall([run("root"), run("lost", "elsewhere")]).steps
    assert [(step.opens, step.closes) for step in steps] == [(False, 0), (False, 0)]


def test_runs_that_stand_above_each_other_are_drawn_once() -> None:
    steps = waterfall([run("root"), run("a", "b"), run("b", "a"), run("self", "self")]).steps
    assert sorted(step.run.name for step in steps) == ["a", "b", "root", "self"]


def test_a_deep_tree_is_drawn_within_a_bounded_depth() -> None:
    runs = [run("0"), *(run(str(n), str(n - 1)) for n in range(1, 900))]
    steps, depth, deepest = waterfall(runs).steps, 0, 0
    for step in steps:
        depth += step.opens - step.closes
        deepest = max(deepest, depth)
    assert (len(steps), depth, deepest) == (900, 0, DEEPEST)
