"""One tree of all layers, as lesson 15 makes it; and what the proxy does with labels and teams.

Also what lesson 03 says of its clients, since a proxy costs seconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import nbformat
import openai
import pytest
from langsmith import get_current_run_tree, trace, traceable, tracing_context

from helpers import terminal, traces
from helpers.lessons import glossary
from helpers.nesting import child_of
from helpers.paths import ROOT
from helpers.proxy import launch as proxy
from helpers.traces import Run
from tests.lessons.calls import CALL, NOTEBOOKS, PROMPT, eventually, reporting
from tests.lessons.house import House
from tests.said import said

PROJECT = glossary.PROJECT  # where the proxy of the house sends its runs


@pytest.fixture(scope="module", autouse=True)
def _environment(house: House) -> Iterator[None]:
    with house.lesson(PROJECT, LANGSMITH_TRACING="true"):
        yield


@pytest.fixture(scope="module")
def gateway(house: House, _environment: None) -> proxy.Proxy:
    """The proxy of lesson 16, with the teams of lesson 12 and the models of lesson 03."""
    return house.gateway()


def ask(gateway: proxy.Proxy, *, key: str | None = None, **options: Any) -> str:
    """Ask the proxy with OpenAI's client; ``options`` are those of its call."""
    client = openai.OpenAI(base_url=gateway.url, api_key=key or gateway.key, max_retries=0)
    return client.chat.completions.create(**CALL, **options).choices[0].message.content or ""


@pytest.fixture
def node(gateway: proxy.Proxy) -> Callable[..., str]:
    """Run ``client/nested.mjs`` and return what it prints."""
    if lack := terminal.missing("node"):
        pytest.skip(lack.splitlines()[0])
    program = terminal.node.found().program

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


def read(name: str, *, runs: int = 1, project: str | None = None) -> Run:
    """Return the root of the newest trace called ``name``, read by LangSmith's v2 API."""
    return asyncio.run(traces.wait(name=name, runs=runs, project=project, timeout=30)).root


def outline(run: Run) -> list[Any]:
    return [run.name, *map(outline, run.children)]


@traceable
async def write_entry(*helpers: Callable[[], str]) -> list[str]:
    return [await by_callback(), *(helper() for helper in helpers)]


@traceable
async def by_callback() -> str:
    import litellm

    answer = await litellm.acompletion(**CALL, metadata=child_of(get_current_run_tree()))
    return answer.choices[0].message.content


def by_proxy(gateway: proxy.Proxy) -> Callable[[], str]:
    @traceable
    def by_proxy() -> str:
        return ask(gateway, extra_body={"metadata": child_of(get_current_run_tree())})

    return by_proxy


def by_node(node: Callable[..., str]) -> Callable[[], str]:
    @traceable
    def by_node() -> str:
        return node(PROMPT, get_current_run_tree().to_headers()["langsmith-trace"])

    return by_node


def tree_of(*helpers: Callable[[], str], runs: int) -> tuple[list[str], Run]:
    """Let ``write_entry`` ask in several ways; return the answers, and the tree of ``runs``."""

    async def main() -> tuple[list[str], Run]:
        async with reporting():
            answers = await write_entry(*helpers)
            # LiteLLM reports from a task: the logger has to stay until the report is made.
            found = await traces.wait(name="write_entry", runs=runs, timeout=30)
            return answers, found.root

    before = {run.id for run in traces.query(project=PROJECT)}
    answers, root = asyncio.run(main())
    made = {run.id for run in traces.query(project=PROJECT)} - before
    assert made == {run.id for run in root.walk()}  # no other root, no run left out
    assert {run.trace_id for run in root.walk()} == {root.id}
    return answers, root


def test_callback_and_proxy_end_up_beneath_one_root(gateway):
    answers, root = tree_of(by_proxy(gateway), runs=5)
    assert len(set(answers)) == 1 and answers[0].startswith(said("HTTP").text)
    below = [["by_callback", ["LLMRun"]], ["by_proxy", ["LLMRun"]]]
    assert outline(root) == ["write_entry", *below]


def test_every_layer_ends_up_beneath_one_root(gateway, node):
    answers, root = tree_of(by_proxy(gateway), by_node(node), runs=7)
    assert len(set(answers)) == 1
    assert outline(root) == [
        "write_entry",
        ["by_callback", ["LLMRun"]],
        ["by_proxy", ["LLMRun"]],
        ["by_node", ["ask in JavaScript", ["LLMRun"]]],
    ]


def test_a_tree_that_begins_in_javascript_ends_at_the_proxy(node):
    assert node(PROMPT).startswith(said("HTTP").text)
    root = read("ask in JavaScript", runs=2)
    assert outline(root) == ["ask in JavaScript", ["LLMRun"]]
    assert root.total_tokens == said("HTTP").tokens


@pytest.mark.struggle(11)
def test_the_proxy_takes_no_notice_of_the_headers_that_the_sdk_sends(gateway):
    @traceable
    def by_headers() -> None:
        headers = get_current_run_tree().to_headers()
        assert "langsmith-trace" in headers
        ask(gateway, extra_headers=headers, extra_body={"metadata": {"run_name": "unlinked"}})

    by_headers()
    assert read("unlinked").parent_id is None
    assert outline(read("by_headers")) == ["by_headers"]


def test_a_refused_run_of_the_proxy_is_told_to_its_log_and_not_to_the_client(gateway):
    body = {"metadata": {"parent_run_id": "01a2b3c4-0000-4000-8000-000000000000"}}
    assert ask(gateway, extra_body=body).startswith(said("HTTP").text)
    why = "dotted_order must contain at least two parts for child runs"
    assert asyncio.run(eventually(lambda: why in gateway.log(200)))


def test_labels_in_the_body_of_a_client_land_on_one_level(gateway):
    labels = {"run_name": "marked", "tags": ["nightly"], "customer": "acme", "thread_id": "chat-7"}
    ask(gateway, extra_body={"metadata": labels})
    run = read("marked")
    assert run.tags[0] == "nightly"
    assert "customer" not in run.metadata
    assert run.metadata["requester_metadata"]["customer"] == "acme"
    assert run.metadata["thread_id"] == "chat-7"


@pytest.mark.struggle(12)
def test_a_chat_s_session_id_loses_the_run_of_a_client(gateway):
    ask(gateway, extra_body={"metadata": {"run_name": "lost", "session_id": "chat-7"}})
    assert asyncio.run(eventually(lambda: "session_id: Must validate" in gateway.log(tail=200)))
    assert traces.query('eq(name, "lost")') == []


@pytest.mark.struggle(16)
def test_a_team_has_a_project_and_a_rate_of_its_own_whatever_its_client_asks(gateway):
    for key in ("sk-quiet", "sk-acme"):
        body = {"langsmith_sampling_rate": 1, "metadata": {"run_name": key}}
        assert ask(gateway, key=key, extra_body=body).startswith(said("HTTP").text)
    run = read("sk-acme", project="glossary-acme")
    assert run.inputs["messages"] == [{"role": "user", "content": "redacted-by-litellm"}]
    assert run.total_tokens == said("HTTP").tokens
    ask(gateway, extra_body={"metadata": {"run_name": "afterwards"}})  # sent after the two
    read("afterwards")
    for project in (PROJECT, "glossary-acme"):
        assert traces.query('eq(name, "sk-quiet")', project=project) == []


def test_a_client_of_a_team_chooses_another_project_by_its_metadata(gateway):
    body = {"metadata": {"run_name": "moved", "project_name": "elsewhere"}}
    ask(gateway, key="sk-acme", extra_body=body)
    assert read("moved", project="elsewhere").parent_id is None


def said_by(gateway: proxy.Proxy, *arguments: str) -> str:
    """Run ``client/ask.py`` as a process and return what it prints; it says nothing on stderr."""
    access = {"OPENAI_BASE_URL": gateway.url, "OPENAI_API_KEY": gateway.key}
    ended = subprocess.run(
        [sys.executable, "client/ask.py", *arguments],
        env=os.environ | access,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_a_client_in_a_process_of_its_own_leaves_a_run(gateway):
    assert said_by(gateway, PROMPT).startswith(said("HTTP").text)
    run = read("LLMRun")
    assert run.metadata["user_agent"].startswith("OpenAI/Python")
    assert (run.inputs["model"], run.total_tokens) == ("openai/gpt-4o-mini", said("HTTP").tokens)


def test_a_mocked_model_of_another_provider_has_its_price_and_tokens_of_nobody(gateway):
    import litellm

    assert said_by(gateway, PROMPT, "claude-haiku-4-5").startswith("LiteLLM made this up")
    run = read("LLMRun")
    asked = [run.inputs[name] for name in ("model", "custom_llm_provider")]
    assert asked == ["anthropic/claude-haiku-4-5", "anthropic"]
    assert (run.prompt_tokens, run.completion_tokens) == (10, 20)
    prices = litellm.model_cost["claude-haiku-4-5"]
    cost = 10 * prices["input_cost_per_token"] + 20 * prices["output_cost_per_token"]
    assert run.total_cost == pytest.approx(cost) and cost > 0


def test_headers_of_a_request_are_stored_but_the_key(gateway):
    ask(gateway, extra_headers={"x-secret": "marigold"}, extra_body={"metadata": {"run_name": "h"}})
    headers = read("h").metadata["requester_metadata"]["headers"]
    assert headers["x-secret"] == "marigold"
    assert "authorization" not in headers and gateway.key not in json.dumps(headers)


def fences(name: str) -> list[str]:
    """Return what a lesson's prose shows as Python."""
    cells = nbformat.read(NOTEBOOKS / name, as_version=4).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.findall(r"```python\n(.+?)```", prose, re.DOTALL)


@pytest.mark.parametrize(
    ("lesson", "sources"),
    [
        ("03_trace_at_the_proxy", ["notebooks/client/ask.py"]),
        ("04_choose_a_layer", ["notebooks/layers/glossary.py", "helpers/nesting.py"]),
        ("15_join_every_layer", ["notebooks/service_b/app.py", "notebooks/layers/entry.py"]),
    ],
)
def test_a_lesson_shows_its_files_as_they_are(lesson, sources):
    shown = fences(f"{lesson}.ipynb")
    assert len(shown) == len(sources)
    for part, source in zip(shown, sources, strict=True):
        assert part in (ROOT / source).read_text("utf-8")


@pytest.mark.parametrize("header", ["x-litellm-trace-id", "x-litellm-session-id"])
def test_litellm_s_own_header_makes_a_thread_and_no_tree(gateway, header):
    with tracing_context(project_name=PROJECT), trace("asks") as above:
        body = {"metadata": {"run_name": header}}
        ask(gateway, extra_headers={header: str(above.id)}, extra_body=body)
    run = read(header)
    assert (run.parent_id, run.trace_id) == (None, run.id)
    assert run.metadata["session_id"] == run.inputs["trace_id"] == str(above.id)


@pytest.mark.struggle(9)
def test_a_batch_of_lesson_15_is_refused_as_a_whole_and_said_to_the_log(monkeypatch):
    monkeypatch.syspath_prepend(NOTEBOOKS)
    from layers import batch

    alone = {"parent_run_id": "01a2b3c4-0000-4000-8000-000000000000"}
    said = asyncio.run(batch.send({"run_name": "innocent"}, alone))
    assert "dotted_order must contain at least two parts" in said
    assert traces.query('eq(name, "innocent")') == []
    assert asyncio.run(batch.send({"run_name": "sound"})) is None
    assert read("sound").parent_id is None
