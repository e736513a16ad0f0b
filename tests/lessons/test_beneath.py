"""Beneath a traced function: what LiteLLM reports there, and what LangSmith refuses there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

import langsmith
import pytest
from langsmith import get_current_run_tree, run_trees, traceable

from helpers import traces
from helpers.nesting import child_of
from tests.lessons.calls import CALL, eventually, lesson, refused, reporting

NO_PARTS = "dotted_order must contain at least two parts for child runs"
NOBODY = "01a2b3c4-0000-4000-8000-000000000000"
Ids = dict[str, str]


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("beneath", LANGSMITH_TRACING="true"):
        yield


def test_both_layers_at_once_make_two_traces_that_know_nothing_of_each_other():
    import litellm

    @traceable
    async def ask_twice_told() -> None:
        await litellm.acompletion(**CALL, metadata={"run_name": "told by LiteLLM"})

    async def main() -> list[traces.Run]:
        async with reporting():
            await ask_twice_told()
            names = ("ask_twice_told", "told by LiteLLM")
            return [(await traces.wait(name=name)).root for name in names]

    function, model = asyncio.run(main())
    assert function.children == model.children == ()
    assert model.parent_id is None and model.trace_id != function.trace_id


def test_a_fallback_reports_the_failure_and_the_answer_as_one_run():
    import litellm

    @traceable
    async def with_fallback() -> None:
        await litellm.acompletion(
            **CALL,
            mock_response=litellm.BadRequestError("down", "gpt-4o-mini", "openai"),
            fallbacks=[{"model": "gpt-4o-mini", "mock_response": "A protocol."}],
            metadata=child_of(get_current_run_tree()),
        )

    async def main() -> traces.Traces:
        async with reporting():
            await with_fallback()
            await eventually(lambda: answered("with_fallback"))
        return await traces.wait(name="with_fallback")

    ((child,),) = [trace.root.children for trace in asyncio.run(main())]
    assert "down" in child.error
    assert child.outputs["choices"][0]["message"]["content"] == "A protocol."


def answered(name: str) -> bool:
    found = traces.query('eq(name, "LLMRun")', trace_filter=f'eq(name, "{name}")')
    return any(run.error and "choices" in (run.outputs or {}) for run in found)


def test_a_child_is_sent_although_the_sdk_leaves_its_root_out():
    import litellm

    client = langsmith.Client(tracing_sampling_rate=0.0)

    @traceable(client=client)
    async def left_out() -> str:
        place = child_of(get_current_run_tree())
        await litellm.acompletion(**CALL, metadata=place)
        return place["run_id"]

    async def main() -> bool:
        async with reporting():
            run_id = await left_out()
            return await eventually(lambda: run_id in {run.id for run in traces.query()})

    assert asyncio.run(main())
    assert not traces.show("left_out")


@pytest.mark.filterwarnings("ignore:langsmith.wrappers._openai_agents:DeprecationWarning")
def test_a_wrapped_client_needs_no_ids_to_stand_beneath_a_function():
    import openai
    from langsmith.wrappers import wrap_openai

    @traceable
    def ask() -> None:
        wrap_openai(openai.OpenAI()).chat.completions.create(**CALL)

    ask()
    (child,) = traces.show("ask").root.children
    assert (child.name, child.children) == ("ChatOpenAI", ())


def parent_alone(ids: Ids) -> Ids:
    return {"parent_run_id": ids["parent_run_id"]}


def sample_of_the_documentation(ids: Ids) -> Ids:
    """Three ids that have nothing to do with each other, and an order of one part."""
    first = "20240429T004912090000Z" + ids["run_id"]
    return ids | {"parent_run_id": NOBODY, "trace_id": NOBODY, "dotted_order": first}


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(parent_alone, NO_PARTS, marks=pytest.mark.struggle(8)),
        pytest.param(sample_of_the_documentation, NO_PARTS, marks=pytest.mark.struggle(10)),
        (lambda ids: ids | {"trace_id": NOBODY}, "does not match first part of dotted_order"),
        (lambda ids: ids | {"run_id": NOBODY}, "does not match last part of dotted_order"),
    ],
    ids=["parent alone", "sample of the documentation", "another trace", "another run"],
)
@pytest.mark.struggle(9)
def test_one_run_that_langsmith_refuses_takes_its_batch_along(
    spoil: Callable[[Ids], Ids], why: str, caplog: pytest.LogCaptureFixture
):
    parent = run_trees.RunTree(name="parent", project_name="beneath")
    guilty: dict[str, Any] = spoil(child_of(parent)) | {"run_name": "guilty"}
    with caplog.at_level(logging.ERROR, logger="LiteLLM"):
        asyncio.run(refused({"run_name": "innocent"}, guilty))
    assert why in caplog.text and "400" in caplog.text
    assert traces.query('or(eq(name, "innocent"), eq(name, "guilty"))') == []
