"""Tokens and costs: a run's own, or the sum beneath it."""

from __future__ import annotations

import random

import pytest

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.ingest.usage import check, numbers


def usage(tokens: int, cost: float | None = None) -> dict:
    counted = {"input_tokens": tokens, "output_tokens": 1, "total_cost": cost}
    return {"usage_metadata": {key: value for key, value in counted.items() if value is not None}}


def family(make_run) -> tuple[dict, ...]:
    """A chain with two llm runs in a tool beneath it: 3 + 4 input tokens."""
    root = make_run(run_type="chain")
    tool = make_run(root, run_type="tool")
    first = make_run(tool, outputs=usage(3, 0.1))
    return root, tool, first, make_run(tool, outputs=usage(4, 0.2))


def shown(stored, run: dict) -> tuple:
    row = stored(run["id"])
    return row["prompt_tokens"], row["total_tokens"], row["total_cost"]


def test_totals_that_are_missing_are_added_up():
    assert numbers({"input_tokens": 3, "output_tokens": 4}) == (3, 4, 7, None, None, None)
    assert numbers({"input_cost": "0.5", "output_cost": 1}) == (None, None, None, 0.5, 1, 1.5)


@pytest.mark.parametrize("value", ["many", True, [], None])
def test_what_is_no_number_is_not_counted(value):
    assert numbers({"input_tokens": value})[0] is None


def test_a_run_above_shows_the_sum_beneath_it(send, stored, make_run):
    runs = family(make_run)
    send(*runs)
    assert [shown(stored, run) for run in runs[:2]] == [(7, 9, 0.3)] * 2
    assert shown(stored, runs[2]) == (3, 4, 0.1)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_in_which_runs_come_makes_no_difference(send, stored, make_run, seed):
    runs = family(make_run)
    for run in random.Random(seed).sample(runs, len(runs)):
        send(run)
    assert shown(stored, runs[0]) == shown(stored, runs[1]) == (7, 9, 0.3)


@pytest.mark.parametrize("seed", range(10))
def test_nor_does_which_of_them_come_together(send, stored, make_run, seed):
    chance = random.Random(seed)
    runs = family(make_run)
    left = chance.sample(runs, len(runs))
    while left:
        together = chance.randint(1, len(left))
        send(*left[:together])
        del left[:together]
    assert [shown(stored, run) for run in runs] == [(7, 9, 0.3)] * 2 + [(3, 4, 0.1), (4, 5, 0.2)]


def test_usage_of_nothing_is_not_shown_above(send, stored, make_run):
    root = make_run(run_type="chain")
    send(root, make_run(root, outputs={"usage_metadata": {"input_tokens": 0}}))
    assert shown(stored, root) == (None, None, None)


def test_sending_runs_again_counts_nothing_twice(send, stored, make_run):
    runs = family(make_run)
    for _ in range(3):
        send(*runs)
    assert shown(stored, runs[0]) == (7, 9, 0.3)


def test_usage_that_comes_with_a_patch_is_counted(send, stored, make_run):
    root = make_run(run_type="chain")
    child = make_run(root, outputs=None)
    send(root, child)
    send(patch=[child | {"outputs": usage(5)}])
    assert shown(stored, root)[0] == shown(stored, child)[0] == 5


def test_usage_that_is_corrected_replaces_what_was_counted(send, stored, make_run):
    runs = family(make_run)
    send(*runs)
    send(patch=[runs[3] | {"outputs": usage(40, 0.9)}])
    assert shown(stored, runs[0]) == (43, 45, 1.0)


def test_an_llm_run_s_own_usage_stands_for_the_llm_runs_beneath_it(send, stored, make_run):
    root = make_run(run_type="chain")
    outer = make_run(root, outputs=usage(10))
    inner = make_run(outer, outputs=usage(10))
    for run in (inner, root, outer):
        send(run)
    assert shown(stored, root)[0] == shown(stored, outer)[0] == 10


def test_usage_of_a_chain_is_not_counted(send, stored, make_run):
    root = make_run(run_type="chain", outputs=usage(10))
    send(root)
    assert shown(stored, root) == (None, None, None)


@pytest.mark.parametrize(
    ("reported", "place"),
    [
        ({"total_cost": "inf"}, "total_cost"),
        ({"total_cost": "nan"}, "total_cost"),
        ({"total_tokens": 1e300}, "total_tokens"),
        ({"input_tokens": 2**63}, "input_tokens"),
        ({"input_token_details": {"cache_read": 2**64 - 1}}, "input_token_details.cache_read"),
    ],
)
def test_a_number_that_no_sum_can_hold_is_refused_where_it_stands(reported, place):
    spots = {"outputs": {"outputs": {"usage_metadata": reported}}}
    spots["extra.metadata"] = {"extra": {"metadata": {"usage_metadata": reported}}}
    spots["extra"] = {"extra": {"usage_metadata": reported}}
    for spot, run in spots.items():
        with pytest.raises(Refusal, match=f"post.0.{spot}.usage_metadata.{place}: ") as refusal:
            check(run, at="post.0")
        assert refusal.value.status == 422 and "1000000000000" in refusal.value.message


def test_greatest_numbers_of_many_runs_are_summed(send, stored, make_run):
    root = make_run(run_type="chain")
    most = {"usage_metadata": {"input_tokens": 10**12, "total_cost": 1e12}}
    send(root, *[make_run(root, outputs=most) for _ in range(50)])
    assert (stored(root["id"])["prompt_tokens"], stored(root["id"])["total_cost"]) == (5e13, 5e13)


@pytest.mark.parametrize("seed", range(6))
def test_a_tool_may_report_what_it_costs_and_its_tokens_are_those_beneath(
    send, stored, make_run, seed
):
    root, tool, first, second = family(make_run)
    tool = tool | {"outputs": {"usage_metadata": {"total_cost": 0.5, "input_tokens": 1_000}}}
    runs = [root, tool, first, second]
    if seed:
        for run in random.Random(seed).sample(runs, len(runs)):
            send(run)
    else:
        send(*runs)
    assert shown(stored, root) == shown(stored, tool) == (7, 9, 0.5)
    assert shown(stored, first) == (3, 4, 0.1)
