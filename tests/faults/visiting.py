"""A learner's visit in some environment: a session, a call through LiteLLM, a traced function.

Run as a program it reads one visit a line (JSON) and writes what became of it. Each visit is a fork
of this process, in which LiteLLM is imported already, since an import costs four seconds.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "What is HTTP? Answer in one sentence."
WARM = ("helpers.services", "langsmith.client", "langsmith.run_helpers", "openai.resources.admin")
WARM += ("litellm.integrations.langsmith", "openai.resources.chat", "requests")
PLANTED = "planted"  # stands in every value that must lead nowhere


def visit() -> dict[str, Any]:
    """Return what a learner sees, and where a planted value turned up."""
    from helpers import session
    from helpers.errors import TutorialError

    before = dict(os.environ)
    try:
        started = session.start()
    except TutorialError as error:
        return {"error": type(error).__name__, "said": str(error)}
    found: dict[str, Any] = {"choice": [started.choice.model, started.choice.traces]}
    found["proxies"] = {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
    if found["choice"] == ["recordings", "local"]:
        found |= _call(started.url or "")
        found["children"] = _children()
    found["planted"] = sorted(name for name, value in os.environ.items() if PLANTED in value)
    started.stop()
    found["given back"] = {
        name: [before.get(name), os.environ.get(name)]
        for name in before.keys() | os.environ.keys()
        if before.get(name) != os.environ.get(name)
        and name != "TIKTOKEN_CACHE_DIR"  # LiteLLM's own, at its import
    }
    return found


def _call(url: str) -> dict[str, Any]:
    import litellm

    os.environ |= {"LANGSMITH_TRACING": "true", "LANGSMITH_BATCH_SIZE": "1"}
    import langsmith
    import openai
    import requests.utils

    litellm.callbacks = ["langsmith"]
    messages = [{"role": "user", "content": PROMPT}]
    asked: dict[str, Any] = {"model": "gpt-4o-mini", "messages": messages, "temperature": 0}

    @langsmith.traceable(name="learn")
    def learn() -> str:
        return str(openai.OpenAI().chat.completions.create(**asked).choices[0].message.content)

    answers = {litellm.completion(**asked).choices[0].message.content, learn()}
    sent = {**openai.OpenAI().default_headers, **langsmith.Client()._headers}
    runs = _read_back(langsmith.Client(), {"LLMRun", "learn"})
    del os.environ["LANGSMITH_TRACING"], os.environ["LANGSMITH_BATCH_SIZE"]
    return {
        "answers": sorted(answers),
        "tokens": litellm.token_counter("gpt-4o-mini", text=PROMPT),
        "runs": runs,
        "headers": sorted(name for name, value in sent.items() if PLANTED in str(value)),
        "password": requests.utils.get_netrc_auth(url) is not None,
    }


def _read_back(client: Any, names: set[str]) -> dict[str, bool]:
    """Return the runs by name, and whether each has its inputs, as soon as all are there."""
    from langsmith.utils import LangSmithNotFoundError

    deadline = time.monotonic() + 30
    found: dict[str, bool] = {}
    while not (names <= found.keys() and all(found.values())) and time.monotonic() < deadline:
        time.sleep(0.05)
        with contextlib.suppress(LangSmithNotFoundError):  # no run has come yet
            runs = list(client.list_runs(project_name=os.environ["LANGSMITH_PROJECT"]))
            found = {run.name: PROMPT in str(run.inputs) or bool(run.outputs) for run in runs}
    return found


def _children() -> dict[str, list[str]]:
    """Return which planted values the proxy's process and SmolLM2's would get."""
    from helpers.environment import for_this_machine
    from helpers.proxy.launch import _compose

    def planted(environ: dict[str, str]) -> list[str]:
        return sorted(name for name, value in environ.items() if PLANTED in value)

    return {"proxy": planted(_compose({})), "smollm2": planted(for_this_machine(os.environ))}


def _warm_up() -> None:
    """Import and load what every visit would, as long as that starts no thread."""
    for module in WARM:
        importlib.import_module(module)
    import litellm

    for model in ("gpt-4o-mini", "gpt-4"):
        litellm.token_counter(model, text=PROMPT)


def _forked(wanted: dict[str, Any]) -> str:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.environ.clear()
        os.environ |= wanted["environ"]
        os.chdir(wanted["cwd"])
        tempfile.tempdir = None  # it is kept from the first time that somebody asked
        if wanted.get("full"):  # no file can be written, as on a full disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        try:
            told = json.dumps(visit())
        except BaseException as error:
            told = json.dumps({"error": type(error).__name__, "said": str(error)})
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as told_by_child:
        told = told_by_child.read()
    os.waitpid(pid, 0)
    return told


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    warnings.simplefilter("ignore")  # LangSmith's SDK warns at every list_runs()
    _warm_up()

    gc.freeze()  # so that a fork, looking for garbage, need not copy all of it
    for line in sys.stdin:
        print(_forked(json.loads(line)), flush=True)
