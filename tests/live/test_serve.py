"""A script and a proxy of anybody's against ``python -m helpers serve``.

What they sent is read by LangSmith's own client. Nothing is shared with the process that serves but
the lines that it prints.
"""

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import time
import warnings

import httpx
import pytest

from helpers.paths import ROOT
from tests.served import exported_by_serving

QUESTION = "What is HTTP? Answer in one sentence."

# A script as anybody might have it: nothing of ours is imported. LiteLLM is in the proxy.
BY_THE_SDK = f"""
from langsmith import traceable
from openai import OpenAI

@traceable
def answer(question):
    messages = [{{"role": "user", "content": question}}]
    call = OpenAI().chat.completions.create
    return call(model="gpt-4o-mini", messages=messages, temperature=0).choices[0].message

traceable(lambda: answer("{QUESTION}"), name="script")()
"""


@pytest.fixture(scope="module")
def exported():
    """The variables that a serving process printed, while it serves."""
    with exported_by_serving() as variables:
        yield variables


@pytest.fixture(scope="module")
def traced(exported):
    """A LangSmith client, after a script and a proxy have sent their traces."""
    from langsmith import Client

    environ = os.environ | exported | {"LANGSMITH_PROJECT": "mine"}
    subprocess.run([sys.executable, "-c", BY_THE_SDK], env=environ, check=True, timeout=120)
    call_through_proxy(environ)
    return Client(api_url=exported["LANGSMITH_ENDPOINT"], api_key=exported["LANGSMITH_API_KEY"])


def call_through_proxy(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    key = "sk-" + secrets.token_hex(8)
    starting = "from litellm import run_server; run_server()"
    options = ["--config", "notebooks/proxy/config.yaml", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [sys.executable, "-c", starting, *options, "--port", str(port)],
        cwd=ROOT,
        env=environ | {"LITELLM_MASTER_KEY": key},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(f"{url}/health/liveliness"), seconds=100)
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": QUESTION}]}
        body |= {"temperature": 0, "metadata": {"run_name": "by the proxy"}}
        headers = {"Authorization": f"Bearer {key}"}
        answer = httpx.post(f"{url}/v1/chat/completions", json=body, headers=headers, timeout=60)
        answer.raise_for_status()
        time.sleep(1)
    finally:
        process.terminate()
        process.wait(20)


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def until(true, *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "nothing came in time"
        time.sleep(0.2)


EXPECTED = {"script": None, "answer": "script", "by the proxy": None}


def test_traces_of_script_and_proxy_are_read_back_by_the_current_api(traced):
    project = traced.read_project(project_name="mine")

    async def read() -> dict[str, list[str]]:
        selects = ["ID", "NAME", "PARENT_RUN_IDS"]
        query = traced.runs.query(project_ids=[str(project.id)], selects=selects)
        runs = [run async for run in query]
        names = {run.id: run.name for run in runs}
        return {run.name: [names[parent] for parent in run.parent_run_ids or []] for run in runs}

    parents = asyncio.run(read())
    assert parents == {name: [parent] * bool(parent) for name, parent in EXPECTED.items()}


def test_traces_of_script_and_proxy_are_read_back_by_the_older_api(traced):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runs = list(traced.list_runs(project_name="mine"))
    names = {run.id: run.name for run in runs}
    assert {run.name: names.get(run.parent_run_id) for run in runs} == EXPECTED


def test_runs_of_the_proxy_carry_tokens(traced):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runs = traced.list_runs(project_name="mine", filter='eq(run_type, "llm")')
        assert {run.name: run.total_tokens for run in runs} == {"by the proxy": 63}
