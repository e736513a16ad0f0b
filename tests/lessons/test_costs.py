"""What lesson 07 says of cost: the silent zeros, prices, and two releases."""

from __future__ import annotations

import asyncio
import copy
import importlib
import os
import sys
from collections.abc import Iterator
from statistics import quantiles
from typing import Any

import pytest

from helpers import traces
from tests.lessons.calls import NOTEBOOKS, lesson, logged, reporting
from tests.said import said

PROJECT = "costs"
OWN = {"model": "hosted_vllm/glossary-7b", "mock_response": "A protocol."}


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson(PROJECT):
        yield


@pytest.fixture
def _prices() -> Iterator[None]:
    import litellm

    before = copy.deepcopy(litellm.model_cost)
    yield
    litellm.model_cost.clear()
    litellm.model_cost.update(before)
    litellm.get_model_info.cache_clear()


def test_a_mocked_answer_counts_ten_tokens_in_and_twenty_out():
    for text in ("Yes.", "A name service, which knows the addresses of all the others."):
        (run,) = logged({"mock_response": text})
        assert (run.prompt_tokens, run.completion_tokens) == (10, 20)


def test_a_model_without_a_price_costs_zero_and_says_why_among_the_inputs():
    (run,) = logged(OWN)
    assert (run.total_tokens, run.total_cost) == (30, 0)
    assert "isn't mapped yet" in run.inputs["response_cost_failure_debug_info"]["error_str"]


@pytest.mark.usefixtures("_prices")
def test_a_registered_price_counts_from_then_on():
    import litellm

    (before,) = logged(OWN)
    price = {"input_cost_per_token": 0.000001, "output_cost_per_token": 0.000002}
    price |= {"cache_creation_input_token_cost": 0, "cache_read_input_token_cost": 0}
    litellm.register_model({"hosted_vllm/glossary-7b": price})
    (after,) = logged(OWN)
    assert after.total_cost == pytest.approx(0.00005)
    (again,) = (run for run in traces.query() if run.id == before.id)
    assert again.total_cost == 0


@pytest.mark.usefixtures("_prices")
def test_a_price_given_in_a_call_stays_for_later_ones_that_are_answered_under_the_same_name():
    price = {"input_cost_per_token": 0.001, "output_cost_per_token": 0.002}
    costs = [logged(extra)[0].total_cost for extra in ({}, price, {})]
    known = said("HTTP")
    dearer = known.tokens_in * 0.001 + known.tokens_out * 0.002
    # What an answer costs goes by the name that it gives its model, which a provider may date.
    later = dearer if known.model == "gpt-4o-mini" else known.cost
    assert costs == pytest.approx([known.cost, dearer, later])


def test_a_hit_of_the_cache_says_what_it_saved():
    import litellm

    async def main() -> list[traces.Run]:
        found = []
        async with reporting():
            for name in ("paid", "hit"):
                asked = {"model": "gpt-4o-mini", "mock_response": "A name service."}
                messages = [{"role": "user", "content": "What is DNS?"}]
                told = {"metadata": {"run_name": name}}
                await litellm.acompletion(messages=messages, **asked, **told)
                found.append((await traces.wait(name=name, timeout=20)).root)
        return found

    litellm.enable_cache(type="local")
    try:
        paid, hit = asyncio.run(main())
    finally:
        litellm.disable_cache()
    assert (hit.total_tokens, hit.total_cost, hit.inputs["cache_hit"]) == (30, 0, True)
    assert hit.inputs["saved_cache_cost"] == pytest.approx(paid.total_cost)


def test_openai_s_client_in_its_wrapper_reports_tokens_and_no_cost():
    import openai
    from langsmith import tracing_context
    from langsmith.wrappers import wrap_openai

    question = {"role": "user", "content": "What is HTTP? Answer in one sentence."}
    asked: dict[str, Any] = {"model": "gpt-4o-mini", "messages": [question], "temperature": 0}
    with tracing_context(enabled=True):
        wrap_openai(openai.OpenAI()).chat.completions.create(**asked)
    run = traces.show("ChatOpenAI").root
    assert (run.total_tokens, run.total_cost) == (said("HTTP").tokens, None)
    assert run.metadata["ls_provider"] == "openai"


def test_two_releases_differ_in_cost_and_slow_calls_show_in_p95():
    from langsmith import Client

    async def main() -> list[traces.Run]:
        async with reporting():
            await entries.serve_releases()
            return [trace.root for trace in await traces.wait(40, name="serve", timeout=30)]

    sys.path.insert(0, str(NOTEBOOKS))
    try:
        entries = importlib.import_module("glossary.entries")
    finally:
        sys.path.remove(str(NOTEBOOKS))
    runs = asyncio.run(main())
    assert len(runs) == 40
    groups: dict[str, list[traces.Run]] = {"1.0": [], "2.0": []}
    for run in runs:
        groups[run.metadata["requester_metadata"]["release"]].append(run)
    costs = {
        release: sum(run.total_cost or 0 for run in group) for release, group in groups.items()
    }
    assert costs == {"1.0": pytest.approx(0.00027), "2.0": pytest.approx(0.0045)}
    assert quantiles([run.seconds or 0 for run in groups["2.0"]], n=20)[18] > 2
    project = os.environ["LANGSMITH_PROJECT"]
    label = 'eq(metadata_key, "requester_metadata.release"), eq(metadata_value, "2.0")'
    wanted = f'and(eq(name, "serve"), and({label}))'
    stats = Client().get_run_stats(project_names=[project], filter=wanted)
    assert (stats["run_count"], stats["total_cost"]) == (20, pytest.approx(0.0045))
    with pytest.raises(TypeError):
        Client().get_run_stats(project_names=[project], group_by="name")  # type: ignore[call-arg]
