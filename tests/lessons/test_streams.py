"""What lesson 08 says beside its cells: a reduce function that fails, vectors in the callback."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from helpers import session, traces


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with session.start("replay"), pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANGSMITH_PROJECT", "streams")
        yield


def test_a_reduce_function_that_raises_leaves_the_chunks(caplog):
    from langsmith import traceable, tracing_context

    @traceable(reduce_fn=lambda chunks: chunks["text"])
    def stream() -> Iterator[str]:
        yield from ("HTTP", " stands")

    with tracing_context(enabled=True, project_name="streams"):
        assert list(stream()) == ["HTTP", " stands"]
    assert traces.show("stream").root.outputs == {"output": ["HTTP", " stands"]}
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_the_callback_calls_an_embedding_llm_and_sends_its_vectors():
    run = asyncio.run(_embedded("How do I keep a message secret?"))
    (item,) = run.outputs["data"]
    assert run.run_type == "llm" and len(item["embedding"]) == 576


async def _embedded(text: str) -> traces.Run:
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    logger = LangsmithLogger(batch_size=1)
    litellm.callbacks = [logger]
    label = {"run_name": "embedded"}
    try:
        model = "text-embedding-3-small"
        await litellm.aembedding(model=model, input=[text], metadata=label)
        return (await traces.wait(name="embedded")).root
    finally:
        litellm.logging_callback_manager.remove_callback_from_all_lists(logger)
        litellm.input_callback.remove(logger)
