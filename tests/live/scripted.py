"""A model API that is not the recordings: other words, other counts, another pace, a dated model.

It stands in for a hosted model that obeys: it answers correctly and at length, fills in forms,
chooses tools, streams word by word, and takes 0.3 to 1.5 s. It refuses as OpenAI is reported to:
a wrong key, an unknown model, a quota that is used up. What it says was written for these tests,
and nothing of it is ever recorded.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import re
import secrets
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

__all__ = ["EMPTY", "KEY", "create_app"]

# Keys that look as a provider's do; the second is of an account without quota.
KEY = "sk-proj-" + secrets.token_urlsafe(32)
EMPTY = "sk-proj-" + secrets.token_urlsafe(32)
MODELS = {
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4o": "gpt-4o-2024-11-20",
    "text-embedding-3-small": "text-embedding-3-small",
}
PER_TOKEN = 4.2  # characters
SHORTEST, LONGEST = 0.3, 1.5  # seconds that an answer takes

KNOWN = {
    "http": "HTTP is the request and response protocol of the web, by which a browser or another "
    "client asks a server for a resource, and the server sends it back with a status and headers.",
    "dns": "DNS is the distributed directory of the internet, which translates a name that people "
    "can remember, such as example.com, into the numeric address that machines need to connect.",
    "tcp": "TCP is a transport protocol that turns unreliable packets into a connection, on which "
    "bytes arrive complete, in order and at a pace that both ends and the network can bear.",
    "sql": "SQL is a declarative language for relational databases, in which you describe the rows "
    "that you want and leave it to the database to work out how to find or change them.",
    "ram": "RAM is the fast, volatile memory in which a computer keeps the programs that run and "
    "the data that they work on, and which forgets everything when the power goes.",
    "latency": "Latency is the time that passes between the moment something is asked for and the "
    "moment the first part of the answer arrives, as distinct from how much arrives per second.",
    "recursion": "Recursion is a technique in which a function solves a problem by calling itself "
    "on smaller parts of it, until it reaches a case so small that the answer is known at once.",
    "unicode": "Unicode is a standard that gives every character of nearly all writing systems a "
    "number of its own, so that text means the same on every machine and in every program.",
    "git": "Git is a distributed version control system that stores the history of a project as "
    "snapshots, so that many people can change it at once and every earlier state can be restored.",
    "url": "A URL is the address of a resource on the web, which says by what protocol, from which "
    "host and under which path it can be fetched, and optionally with which query.",
    "cache": "A cache is a small, fast store that keeps copies of data which was expensive to get "
    "or to compute, so that the next request for it can be answered without doing it again.",
    "cookie": "A cookie is a small piece of text that a web server asks a browser to keep and to "
    "send back with later requests, mostly so that it can recognize the same visitor.",
    "proxy": "A proxy is a server that stands between clients and other servers, receives their "
    "requests, passes them on in its own name, and may check, log, cache or change them.",
    "firewall": "A firewall is a device or a program that looks at network traffic and lets "
    "through or blocks each connection according to rules about addresses, ports and directions.",
    "bug": "A bug is a mistake in a program that makes it do something else than was intended, "
    "such as a wrong result, a crash, or a door that should have been closed.",
    "algorithm": "An algorithm is a finite sequence of unambiguous steps that solves every "
    "instance of a problem, such as sorting a list or finding the shortest way between two places.",
    "encryption": "Encryption is the transformation of readable data into a form that only those "
    "who hold the right key can turn back, so that nobody else who sees it learns anything.",
}
NAMES = {"ram": "random-access memory", "url": "Uniform Resource Locator"}


def definition(text: str) -> str:
    """Return what a good model would say to ``text``, a question about a computing term."""
    words = re.findall(r"\w+", text.lower())
    named = next((word for word in words if word in KNOWN), None)
    if named is None:
        term = re.sub(r"^.*\b(what is|define|explain|word) (an? )?", "", text, flags=re.I)
        term = re.split(r"[?.]| to a child| in a sentence", term)[0].strip() or "That"
        return (
            f"{term[:1].upper()}{term[1:]} is a term of computing that names a well-defined part "
            "of how programs, machines and networks are built, and an example explains it best."
        )
    said = KNOWN[named]
    if "child" in words:
        return f"Imagine a toy that only you can open: {said[0].lower()}{said[1:]}"
    if "use the word" in text.lower():
        return f"Before we talk about {named}: our team would be lost without it."
    return said


class Refusal(Exception):
    """An error in the form of OpenAI's."""

    def __init__(self, status: int, message: str, *, code: str | None, kind: str | None = None):
        super().__init__(message)
        self.response = JSONResponse(
            {
                "error": {
                    "message": message,
                    "type": kind or "invalid_request_error",
                    "param": None,
                    "code": code,
                }
            },
            status,
        )


def checked(request: Request, body: dict[str, Any]) -> str:
    """Return the dated name of the model that answers, or raise ``Refusal``."""
    key = request.headers.get("authorization", "").removeprefix("Bearer ")
    if key not in (KEY, EMPTY):
        shown = f"{key[:4]}{'*' * 8}{key[-4:]}"
        raise Refusal(
            401,
            f"Incorrect API key provided: {shown}. You can find your API key at "
            "https://platform.openai.com/account/api-keys.",
            code="invalid_api_key",
        )
    if key == EMPTY:
        raise Refusal(
            429,
            "You exceeded your current quota, please check your plan and billing details. For more "
            "information on this error, read the docs: "
            "https://platform.openai.com/docs/guides/error-codes/api-errors.",
            code="insufficient_quota",
            kind="insufficient_quota",
        )
    name = str(body.get("model"))
    dated = {**MODELS, **{value: value for value in MODELS.values()}}
    if name not in dated:
        raise Refusal(
            404,
            f"The model `{name}` does not exist or you do not have access to it.",
            code="model_not_found",
        )
    return dated[name]


def roles(body: dict[str, Any]) -> None:
    """Refuse a role that is none, as OpenAI does."""
    allowed = ("system", "developer", "user", "assistant", "tool", "function")
    for number, message in enumerate(body.get("messages") or []):
        if message.get("role") not in allowed:
            wanted = ", ".join(f"'{role}'" for role in ("system", "assistant", "user", "function"))
            raise Refusal(
                400,
                f"Invalid value: '{message.get('role')}'. Supported values are: {wanted}, 'tool', "
                f"and 'developer'. (messages[{number}].role)",
                code="invalid_value",
            )


def answered(body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the message that answers a conversation, and why it ended."""
    messages = body["messages"]
    asked = str(messages[-1].get("content") or "")
    first = next((str(m["content"]) for m in messages if m["role"] == "user"), asked)
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    choice = body.get("tool_choice", "auto")
    if body.get("tools") and choice != "none" and messages[-1]["role"] != "tool":
        return message | {"tool_calls": [called(body, first)]}, "tool_calls"
    form = (body.get("response_format") or {}).get("json_schema", {}).get("schema")
    if form:
        text = json.dumps({name: filled(name, first) for name in form["properties"]})
    elif messages[-1]["role"] == "tool":
        text = f"According to the glossary: {asked}"
    elif "example" in asked.lower() and len(messages) > 1:
        text = f"For example: {definition(first)}"
    else:
        text = definition(asked)
    limit = body.get("max_tokens") or body.get("max_completion_tokens")
    if limit and tokens(text) > limit:
        return message | {"content": text[: round(limit * PER_TOKEN)]}, "length"
    return message | {"content": text}, "stop"


def called(body: dict[str, Any], question: str) -> dict[str, Any]:
    choice = body.get("tool_choice")
    forced = choice["function"]["name"] if isinstance(choice, dict) else None
    tools = [tool["function"] for tool in body["tools"]]
    tool = next((each for each in tools if each["name"] == forced), tools[0])
    needed = tool.get("parameters", {}).get("properties", {})
    arguments = {name: filled(name, question) for name in needed}
    function = {"name": tool["name"], "arguments": json.dumps(arguments)}
    return {"id": "call_" + digest(question)[:24], "type": "function", "function": function}


def filled(name: str, text: str) -> str:
    """Return a value for the field ``name`` of a form or of a tool's arguments."""
    term = next((w for w in re.findall(r"\w+", text) if w.lower() in KNOWN), text.split()[-1])
    return NAMES.get(term.lower(), term) if name == "full_name" else term


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def tokens(text: Any) -> int:
    """Return about as many tokens as a tokenizer would count."""
    return max(1, round(len(json.dumps(text) if not isinstance(text, str) else text) / PER_TOKEN))


def usage(body: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    sent = sum(4 + tokens(m.get("content") or "") for m in body["messages"]) + 3
    given = tokens(message.get("content") or message.get("tool_calls"))
    return {
        "prompt_tokens": sent,
        "completion_tokens": given,
        "total_tokens": sent + given,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


async def completions(request: Request) -> Response:
    body = await request.json()
    try:
        model = checked(request, body)
        roles(body)
    except Refusal as refusal:
        return refusal.response
    message, reason = answered(body)
    seconds = random.Random(digest(json.dumps(body["messages"]))).uniform(SHORTEST, LONGEST)
    head = {"id": "chatcmpl-" + secrets.token_urlsafe(12), "created": 1_790_000_000, "model": model}
    if body.get("stream"):
        request.app.state.log.append(usage(body, message)["total_tokens"])
        events = streamed(body, head, message, reason, seconds)
        return StreamingResponse(events, media_type="text/event-stream")
    await asyncio.sleep(seconds)
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    answer = head | {"object": "chat.completion", "choices": [choice]}
    answer |= {"usage": usage(body, message), "system_fingerprint": "fp_" + digest(model)[:10]}
    request.app.state.log.append(answer["usage"]["total_tokens"])
    headers = {"openai-processing-ms": str(round(seconds * 1000)), "x-request-id": "req_1"}
    return JSONResponse(answer, headers=headers)


async def streamed(
    body: dict[str, Any], head: dict[str, Any], message: dict[str, Any], reason: str, seconds: float
) -> AsyncIterator[str]:
    words = re.findall(r"\S+\s*", message["content"] or "")
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word} for word in words] or [{"tool_calls": message["tool_calls"]}]
    for delta in [*deltas, {}]:
        await asyncio.sleep(seconds / (len(deltas) + 1))
        choice = {"index": 0, "delta": delta, "finish_reason": None if delta else reason}
        yield event(head | {"object": "chat.completion.chunk", "choices": [choice]})
    if (body.get("stream_options") or {}).get("include_usage"):
        counted = {"object": "chat.completion.chunk", "choices": [], "usage": usage(body, message)}
        yield event(head | counted)
    yield "data: [DONE]\n\n"


def event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content)}\n\n"


# Words that mean the same to the vectors below, so that a search by meaning has an answer.
ALIKE = {"secret": "encryption", "unreadable": "encryption", "talk": "http", "browsers": "http"}


async def embeddings(request: Request) -> Response:
    body = await request.json()
    try:
        model = checked(request, body)
    except Refusal as refusal:
        return refusal.response
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    await asyncio.sleep(SHORTEST)
    data = [
        {"object": "embedding", "index": i, "embedding": vector(t)} for i, t in enumerate(texts)
    ]
    count = sum(tokens(text) for text in texts)
    request.app.state.log.append(count)
    used = {"prompt_tokens": count, "total_tokens": count}
    if body.get("encoding_format") == "base64":
        from helpers.replay.responses import with_base64

        return JSONResponse(
            with_base64({"object": "list", "data": data, "model": model, "usage": used})
        )
    return JSONResponse({"object": "list", "data": data, "model": model, "usage": used})


def vector(text: str) -> list[float]:
    """Return a vector of length one: each word has a direction, words that are alike share one."""
    sums = [0.0] * 256
    for word in re.findall(r"\w+", str(text).lower()):
        place = random.Random(digest(ALIKE.get(word, word)))
        weight = 3.0 if word in ALIKE or word in KNOWN else 0.3
        for number in range(256):
            sums[number] += weight * place.gauss(0, 1)
    length = sum(value * value for value in sums) ** 0.5
    return [value / length for value in sums]


async def models(request: Request) -> Response:
    there = [{"id": name, "object": "model", "created": 0, "owned_by": "openai"} for name in MODELS]
    return JSONResponse({"object": "list", "data": there})


async def no_route(request: Request, _: Exception) -> Response:
    """Refuse a path that is none as OpenAI does."""
    said = f"Invalid URL ({request.method} {request.url.path})"
    return Refusal(404, said, code=None).response


def create_app(log: list[int] | None = None) -> Starlette:
    """Return the application; its routes are those of OpenAI's API under ``/v1``.

    ``log`` gets the tokens of each answer.
    """
    app = Starlette(
        routes=[
            Route("/v1/chat/completions", completions, methods=["POST"]),
            Route("/v1/embeddings", embeddings, methods=["POST"]),
            Route("/v1/models", models),
        ],
        exception_handlers={404: no_route},
    )
    app.state.log = [] if log is None else log
    return app
