"""One tree: a traced function, LiteLLM's callback, the proxy and a Node client, under one root."""

import asyncio
import logging
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import langsmith
import pytest
from langsmith import get_current_run_tree, run_trees, traceable, utils

from helpers import session, traces
from helpers.nesting import child_of
from helpers.proxy import launch as proxy
from helpers.traces import Run

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PROMPT = "What is HTTP? Answer in one sentence."
CALL: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": PROMPT}],
    "temperature": 0,
}


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with session.start("replay"), pytest.MonkeyPatch.context() as patch:
        patch.chdir(NOTEBOOKS)
        patch.setenv("LANGSMITH_TRACING", "true")
        patch.setenv("LANGSMITH_PROJECT", "one-tree")
        patch.setattr(run_trees, "_CLIENT", None)
        utils.get_env_var.cache_clear()
        utils.get_tracer_project.cache_clear()
        yield
    utils.get_env_var.cache_clear()
    utils.get_tracer_project.cache_clear()


@pytest.fixture(scope="module")
def gateway() -> Iterator[proxy.Proxy]:
    with proxy.start(port=0) as running:
        yield running
    proxy.stop()


@pytest.fixture
def node(gateway: proxy.Proxy) -> Callable[..., str]:
    """Run ``client/nested.mjs`` and return what it prints."""
    program = shutil.which("node")
    if not program or not (NOTEBOOKS / "client/node_modules/langsmith").is_dir():
        pytest.skip("needs Node.js and: npm --prefix notebooks/client ci")

    def run(*arguments: str) -> str:
        environment = {"OPENAI_BASE_URL": gateway.url, "OPENAI_API_KEY": gateway.key}
        done = subprocess.run(
            [program, "client/nested.mjs", *arguments],
            env=os.environ | environment,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.strip()

    return run


@asynccontextmanager
async def reporting() -> AsyncIterator[None]:
    """LiteLLM's callback, on in this block."""
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    reporter = LangsmithLogger(batch_size=1)
    litellm.callbacks.append(reporter)
    try:
        yield
    finally:
        litellm.logging_callback_manager.remove_callback_from_all_lists(reporter)
        litellm.input_callback.remove(reporter)


def read(name: str, *, runs: int = 1) -> Run:
    """Return the root of the newest trace called ``name``, read by LangSmith's v2 API."""
    return asyncio.run(traces.wait(name=name, runs=runs, timeout=30)).root


def outline(run: Run) -> list[Any]:
    return [run.name, *map(outline, run.children)]


@traceable
async def write_entry(gateway: proxy.Proxy, node: Callable[..., str]) -> list[str]:
    return [await by_callback(), by_proxy(gateway), by_node(node)]


@traceable
async def by_callback() -> str:
    import litellm

    answer = await litellm.acompletion(**CALL, metadata=child_of(get_current_run_tree()))
    return answer.choices[0].message.content


@traceable(process_inputs=lambda _: {})
def by_proxy(gateway: proxy.Proxy) -> str:
    import openai

    client = openai.OpenAI(base_url=gateway.url, api_key=gateway.key, max_retries=0)
    body = {"metadata": child_of(get_current_run_tree())}
    return client.chat.completions.create(**CALL, extra_body=body).choices[0].message.content or ""


@traceable(process_inputs=lambda _: {})
def by_node(node: Callable[..., str]) -> str:
    run = get_current_run_tree()
    assert run is not None
    return node(PROMPT, run.to_headers()["langsmith-trace"])


def test_every_layer_ends_up_beneath_one_root(gateway, node):
    async def main() -> tuple[list[str], Run]:
        async with reporting():
            answers = await write_entry(gateway, node)
            # LiteLLM reports from a task: the logger has to stay until the report is made.
            return answers, (await traces.wait(name="write_entry", runs=7, timeout=30)).root

    before = traces.query(project="one-tree")
    answers, root = asyncio.run(main())
    assert len(set(answers)) == 1 and answers[0].startswith("HTTP stands for")
    assert outline(root) == [
        "write_entry",
        ["by_callback", ["LLMRun"]],
        ["by_proxy", ["LLMRun"]],
        ["by_node", ["ask in JavaScript", ["LLMRun"]]],
    ]
    made = {run.id for run in traces.query(project="one-tree")} - {run.id for run in before}
    assert made == {run.id for run in root.walk()}  # no other root, no run left out
    assert {run.trace_id for run in root.walk()} == {root.id}


def test_a_tree_that_begins_in_javascript_ends_at_the_proxy(node):
    assert node(PROMPT).startswith("HTTP stands for")
    root = read("ask in JavaScript", runs=2)
    assert outline(root) == ["ask in JavaScript", ["LLMRun"]]
    assert root.total_tokens == 63


def test_the_proxy_takes_no_notice_of_the_headers_that_the_sdk_sends(gateway):
    import openai

    client = openai.OpenAI(base_url=gateway.url, api_key=gateway.key, max_retries=0)

    @traceable
    def by_headers() -> None:
        run = get_current_run_tree()
        body = {"metadata": {"run_name": "unlinked"}}
        client.chat.completions.create(**CALL, extra_headers=run.to_headers(), extra_body=body)

    by_headers()
    assert read("unlinked").parent_id is None
    assert outline(read("by_headers")) == ["by_headers"]


def test_a_refused_run_of_the_proxy_is_told_to_its_log_and_not_to_the_client(gateway):
    import openai

    client = openai.OpenAI(base_url=gateway.url, api_key=gateway.key, max_retries=0)
    body = {"metadata": {"parent_run_id": "01a2b3c4-0000-4000-8000-000000000000"}}
    assert client.chat.completions.create(**CALL, extra_body=body).choices
    assert asyncio.run(eventually(lambda: NO_PARTS in gateway.log(200)))


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


async def eventually(condition: Callable[[], bool]) -> bool:
    for _ in range(200):
        if await asyncio.to_thread(condition):
            return True
        await asyncio.sleep(0.05)
    return False


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
    assert outline(traces.show("ask").root) == ["ask", ["ChatOpenAI"]]


NO_PARTS = "dotted_order must contain at least two parts for child runs"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"run_id", "trace_id", "dotted_order"}, NO_PARTS),
        ({"trace_id"}, "does not match first part of dotted_order"),
        ({"run_id"}, "does not match last part of dotted_order"),
    ],
    ids=["parent alone", "another trace", "another run"],
)
def test_one_run_that_langsmith_refuses_takes_its_batch_along(wrong, why, caplog):
    """What is ``wrong`` is left out, or given the id of nothing."""
    from litellm.integrations.langsmith import LangsmithLogger

    run = run_trees.RunTree(name="parent", project_name="one-tree")
    ids = child_of(run)
    bad = {key: value for key, value in ids.items() if key not in wrong}
    if wrong != {"run_id", "trace_id", "dotted_order"}:
        bad |= dict.fromkeys(wrong, "01a2b3c4-0000-4000-8000-000000000000")
    bad |= {"run_name": "guilty"}
    with caplog.at_level(logging.ERROR, logger="LiteLLM"):
        asyncio.run(batch_of(LangsmithLogger, [{"run_name": "innocent"}, bad]))
    assert why in caplog.text and "400" in caplog.text
    assert traces.query('or(eq(name, "innocent"), eq(name, "guilty"))') == []


async def batch_of(logger: Callable[..., Any], metadata: list[dict[str, str]]) -> None:
    """Make a call for each metadata, and send their runs in one batch."""
    import litellm

    reporter = logger(batch_size=len(metadata) + 1)
    litellm.callbacks.append(reporter)
    try:
        for each in metadata:
            await litellm.acompletion(**CALL, metadata=each)
        while len(reporter.log_queue) < len(metadata):  # they come a moment after the answers
            await asyncio.sleep(0.01)
        await reporter.flush_queue()
    finally:
        litellm.logging_callback_manager.remove_callback_from_all_lists(reporter)
        litellm.input_callback.remove(reporter)
