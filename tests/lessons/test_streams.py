"""What lessons 07 and 10 to 12 say of streams, tool calls, vectors, a cache and a router."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from langsmith import traceable, tracing_context

from helpers import traces
from helpers.session import clients
from tests.lessons.calls import CALL, NOTEBOOKS, lesson, reporting
from tests.said import said, vector_length

MODEL = {"ls_provider": "openai", "ls_model_name": "gpt-4o-mini"}
TERM = {"type": "object", "properties": {"term": {"type": "string"}}, "required": ["term"]}
TERM["additionalProperties"] = False
PURPOSE = "Look up a computing term in the glossary."
LOOK_UP = {"name": "look_up", "description": PURPOSE, "parameters": TERM}
CHOSEN = {"type": "function", "function": {"name": "look_up"}}


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("streams") as patch, tracing_context(enabled=True):
        patch.syspath_prepend(str(NOTEBOOKS))  # the files beside the lessons
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
    assert message["content"].startswith(said("HTTP").text)
    assert run.total_tokens == said("HTTP").tokens


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
    assert run.run_type == "llm" and len(item["embedding"]) == vector_length()


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


# Streams that end early


def test_a_chain_notes_no_first_token_and_a_run_of_kind_llm_does():
    for kind, noted in (("chain", False), ("llm", True)):
        list(traceable(pieces, name=f"first of {kind}", run_type=kind)())
        run = traces.show(f"first of {kind}").root
        assert (run.first_token_seconds is not None) == noted


def test_a_stream_that_is_left_is_pending_and_an_error_when_it_is_closed():
    counted = {"stream_options": {"include_usage": True}}
    stream = traceable(pieces, reduce_fn=whole, name="left", run_type="llm", metadata=MODEL)
    reading = stream(**counted)
    for _ in range(3):
        next(reading)
    assert traces.show("left").root.status == "pending"
    reading.close()
    run = traces.show("left").root
    assert run.status == "error" and "GeneratorExit" in run.error
    assert run.total_tokens is None


def _wrapped(kind: str, name: str) -> Any:
    import openai
    from langsmith.wrappers import wrap_openai

    return wrap_openai(getattr(openai, kind)(), chat_name=name).chat.completions


def test_a_stream_of_wrap_openai_whose_loop_is_left_has_failed():
    for _ in _wrapped("OpenAI", "loop left").create(stream=True, **CALL):
        break
    run = traces.show("loop left").root
    assert run.status == "error" and "GeneratorExit" in run.error


def test_a_stream_of_wrap_openai_whose_asynchronous_loop_is_left_is_ok():
    async def main() -> traces.Run:
        async for _ in await _wrapped("AsyncOpenAI", "async left").create(stream=True, **CALL):
            break
        return (await traces.wait(name="async left", timeout=20)).root

    run = asyncio.run(main())
    assert (run.status, run.error) == ("success", None)


def test_a_stream_of_wrap_openai_that_is_read_by_next_and_closed_is_pending():
    stream = _wrapped("OpenAI", "next left").create(stream=True, **CALL)
    next(stream)
    stream.close()
    assert traces.show("next left").root.status == "pending"


def test_the_callback_reports_a_stream_that_was_read_and_none_that_was_left():
    async def main() -> list[str]:
        import litellm

        async with reporting():
            for name in ("left, by callback", "read, by callback"):
                chunks = await litellm.acompletion(stream=True, metadata={"run_name": name}, **CALL)
                async for _ in chunks:
                    if name.startswith("left"):
                        break
                await chunks.aclose()
            await traces.wait(name="read, by callback", timeout=20)
        return [run.name for run in traces.query('search("by callback")')]

    assert asyncio.run(main()) == ["read, by callback"]


def test_the_callback_has_the_first_token_among_the_inputs_and_zero_for_what_was_not_counted():
    async def main() -> traces.Run:
        import litellm

        async with reporting():
            told = {"run_name": "uncounted"}
            async for _ in await litellm.acompletion(stream=True, metadata=told, **CALL):
                pass
            return (await traces.wait(name="uncounted", timeout=20)).root

    run = asyncio.run(main())
    assert run.first_token_seconds is None
    assert run.inputs["startTime"] < run.inputs["completionStartTime"]
    assert run.outputs["usage_metadata"]["total_tokens"] == 0


# A cache and a router


def test_a_hit_of_the_cache_has_the_tokens_again_and_no_cost():
    import litellm
    from litellm.caching.caching import Cache

    async def main() -> list[traces.Run]:
        found = []
        async with reporting():
            for name in ("paid", "hit"):
                await litellm.acompletion(metadata={"run_name": name}, **CALL)
                found.append((await traces.wait(name=name, timeout=20)).root)
        return found

    litellm.cache = Cache(type="local")
    try:
        paid, hit = asyncio.run(main())
    finally:
        litellm.disable_cache()
    assert not paid.inputs["cache_hit"]
    assert hit.inputs["cache_hit"] is True and hit.inputs["response_cost"] == 0
    assert paid.total_tokens == hit.total_tokens == said("HTTP").tokens
    assert paid.total_cost and not hit.total_cost


def test_each_attempt_of_a_router_is_a_trace_and_the_answer_says_who_gave_it(monkeypatch):
    import litellm

    monkeypatch.setattr(litellm, "suppress_debug_info", True)
    dead = {"model": "openai/gpt-4o-mini", "api_base": "http://127.0.0.1:9", "api_key": "x"}
    models = [
        {"model_name": "first", "litellm_params": dead},
        {"model_name": "second", "litellm_params": {"model": "gpt-4o-mini"}},
    ]

    async def main() -> tuple[str, list[tuple[str, str]]]:
        router = litellm.Router(models, fallbacks=[{"first": ["second"]}], num_retries=1)
        async with reporting():
            told = {"metadata": {"run_name": "attempt"}, "temperature": 0}
            response = await router.acompletion("first", CALL["messages"], **told)
            found = await traces.wait(3, name="attempt", timeout=20)
        answered = response._hidden_params["additional_headers"]["x-litellm-model-group"]
        runs = [trace.root for trace in found]
        assert len({run.trace_id for run in runs}) == 3
        assert len({run.inputs["trace_id"] for run in runs}) == 1
        return answered, [(run.inputs["model_group"], run.status) for run in runs]

    answered, attempts = asyncio.run(main())
    assert answered == "second"
    assert attempts == [("first", "error"), ("first", "error"), ("second", "success")]


# What the files beside lessons 10 to 12 do


def test_a_stream_that_is_left_by_a_loop_ends_at_once():
    for _ in traceable(pieces, name="left by a loop", run_type="llm")():
        break
    run = traces.show("left by a loop").root
    assert run.status == "error" and "GeneratorExit" in run.error


def test_a_task_that_is_cancelled_while_it_waits_for_a_chunk_ends_its_stream_as_cancelled():
    async def main() -> traces.Run:
        first = asyncio.Event()

        @traceable(name="cancelled", run_type="llm")
        async def stream() -> Any:
            yield "HTTP"
            first.set()
            await asyncio.Event().wait()

        async def read() -> None:
            async for _ in stream():
                pass

        task = asyncio.create_task(read())
        await first.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return (await asyncio.to_thread(traces.show, "cancelled")).root

    run = asyncio.run(main())
    assert run.status == "error" and "CancelledError" in run.error


def test_a_form_is_cut_off_beneath_a_model_call_that_is_ok():
    from tools.forms import extract

    with pytest.raises(json.JSONDecodeError):
        extract("URL stands for Uniform Resource Locator.", max_tokens=10)
    runs = {run.name: run for run in traces.show("extract").root.walk()}
    assert {name: bool(run.error) for name, run in runs.items()} == {
        "extract": True,
        "ask": False,
        "parse": True,
    }


def test_tools_in_plain_threads_are_traces_of_their_own(monkeypatch):
    from tools.slow import answer

    monkeypatch.setenv("LANGSMITH_TRACING", "true")  # a thread knows no tracing_context either
    clients.read_again()
    answer("DNS", "HTTP")
    found = [run for run in traces.query('eq(run_type, "tool")') if run.parent_id is None]
    assert [run.name for run in found] == ["look_up", "look_up"]


def test_a_retry_of_the_client_hides_in_one_run_and_the_router_s_is_a_second():
    import litellm
    from routes.asking import about, busy

    async def main() -> list[list[str]]:
        found = []
        router = litellm.Router(
            [{"model_name": "glossary", "litellm_params": {"model": "gpt-4o-mini"}}], num_retries=1
        )
        async with reporting():
            label: dict[str, Any] = {"metadata": {"run_name": "patient"}}
            await litellm.acompletion(**about("HTTP"), client=busy(1), **label)
            found.append(await traces.wait(name="patient", timeout=20))
            label["metadata"]["run_name"] = "routed"
            client = busy(1)
            await router.acompletion(**about("HTTP", "glossary"), client=client, **label)
            found.append(await traces.wait(2, name="routed", timeout=20))
        return [[trace.root.status for trace in some] for some in found]

    assert asyncio.run(main()) == [["success"], ["error", "success"]]


def test_num_retries_of_a_call_hides_all_its_attempts_in_one_run():
    import litellm

    async def main() -> list[str]:
        refusal = litellm.RateLimitError("busy", "openai", "gpt-4o-mini")
        async with reporting():
            label = {"run_name": "tried twice"}
            with pytest.raises(litellm.RateLimitError, match="Retried: 1 times"):
                await litellm.acompletion(
                    **CALL, num_retries=1, mock_response=refusal, metadata=label
                )
            await traces.wait(name="tried twice", timeout=20)
        return [run.status for run in traces.query('eq(name, "tried twice")')]

    assert asyncio.run(main()) == ["error"]


def test_a_fallback_is_told_by_a_header_even_where_no_run_failed():
    from routes.asking import about, falling_back

    async def main() -> list[list[tuple[str, Any]]]:
        found = []
        async with reporting():
            for name, count, extra in (("real", 2, {}), ("mock", 1, {"mock_testing_fallbacks": 1})):
                told = {"metadata": {"run_name": name}, **extra}
                await falling_back().acompletion(**about("HTTP", "first"), **told)
                found.append(await traces.wait(count, name=name, timeout=20))
        runs = [[trace.root for trace in some] for some in found]
        header = "x-litellm-attempted-fallbacks"
        return [
            [(r.status, r.inputs["hidden_params"]["additional_headers"].get(header)) for r in some]
            if len(some) == 1
            else [(r.status, r.inputs["model_group"]) for r in some]
            for some in runs
        ]

    assert asyncio.run(main()) == [
        [("error", "first"), ("success", "second")],
        [("success", 1)],
    ]
