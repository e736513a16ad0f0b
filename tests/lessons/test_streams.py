"""What lesson 08 says of streams, tool calls and vectors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from langsmith import traceable, tracing_context

from helpers import traces
from tests.lessons.calls import CALL, lesson, reporting

MODEL = {"ls_provider": "openai", "ls_model_name": "gpt-4o-mini"}
TERM = {"type": "object", "properties": {"term": {"type": "string"}}, "required": ["term"]}
TERM["additionalProperties"] = False
PURPOSE = "Look up a computing term in the glossary."
LOOK_UP = {"name": "look_up", "description": PURPOSE, "parameters": TERM}
CHOSEN = {"type": "function", "function": {"name": "look_up"}}


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("streams"), tracing_context(enabled=True):
        yield


def pieces(**options: Any) -> Iterator[Any]:
    from litellm import completion

    yield from completion(stream=True, **CALL, **options)


def whole(chunks: list[Any]) -> dict[str, Any]:
    from litellm import stream_chunk_builder

    response = stream_chunk_builder(chunks)
    usage = chunks[-1].usage
    return {
        "messages": [response.choices[0].message],
        "usage_metadata": {
            "input_tokens": usage.prompt_tokens,
            "output_tokens": usage.completion_tokens,
            "total_tokens": usage.total_tokens,
        },
    }


@pytest.mark.struggle(17)
def test_a_streamed_answer_is_a_list_of_chunks_without_tokens():
    list(traceable(pieces, name="in pieces", run_type="llm", metadata=MODEL)())
    run = traces.show("in pieces").root
    assert len(run.outputs["output"]) > 20
    assert {len(chunk["choices"]) for chunk in run.outputs["output"]} == {1}
    assert run.total_tokens is None


@pytest.mark.struggle(17)
def test_a_reduce_function_makes_one_answer_of_it_with_tokens():
    told = {"name": "as a whole", "run_type": "llm", "metadata": MODEL}
    list(traceable(pieces, reduce_fn=whole, **told)(stream_options={"include_usage": True}))
    run = traces.show("as a whole").root
    (message,) = run.outputs["messages"]
    assert message["content"].startswith("HTTP stands for Hypertext Transfer Protocol")
    assert run.total_tokens == 63


def test_a_reduce_function_that_raises_leaves_the_chunks(caplog):
    @traceable(reduce_fn=lambda chunks: chunks["text"])
    def stream() -> Iterator[str]:
        yield from ("HTTP", " stands")

    assert list(stream()) == ["HTTP", " stands"]
    assert traces.show("stream").root.outputs == {"output": ["HTTP", " stands"]}
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_the_callback_calls_an_embedding_llm_and_sends_its_vectors():
    run = asyncio.run(_embedded("How do I keep a message secret?"))
    (item,) = run.outputs["data"]
    assert run.run_type == "llm" and len(item["embedding"]) == 576


async def _embedded(text: str) -> traces.Run:
    import litellm

    async with reporting():
        model, label = "text-embedding-3-small", {"run_name": "embedded"}
        await litellm.aembedding(model=model, input=[text], metadata=label)
        return (await traces.wait(name="embedded")).root


@pytest.mark.struggle(18)
def test_a_tool_call_is_in_the_trace_when_the_whole_message_is_returned():
    from litellm import completion

    question = {"role": "user", "content": "What does DNS mean?"}
    tools = [{"type": "function", "function": LOOK_UP}]

    def ask(messages: list[Any], *fields: str, **options: Any) -> Any:
        answer = completion(**CALL | {"messages": messages}, **options).choices[0].message
        return answer.model_dump(include=set(fields)) if fields else answer.content

    traced = traceable(ask, run_type="llm", metadata=MODEL)
    traced([question], tools=tools, tool_choice=CHOSEN)
    assert traces.show("ask").root.outputs == {"output": None}
    traced([question], "role", "content", "tool_calls", tools=tools, tool_choice=CHOSEN)
    shown = traces.show("ask")
    (call,) = shown.root.outputs["tool_calls"]
    assert call["function"]["name"] == "look_up"
    assert json.loads(call["function"]["arguments"]) == {"term": "DNS"}
    assert 'look_up({"term": "DNS"})' in str(shown)
