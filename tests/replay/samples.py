"""Requests, what a model answers to them, and the key that nobody may see."""

from __future__ import annotations

import json

import httpx

CHAT = "/chat/completions"
HTTP = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is HTTP?"}]}
DNS = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "What is DNS?"}]}
STREAM = {**HTTP, "stream": True}
VECTOR = {"model": "text-embedding-3-small", "input": "HTTP"}
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
ANSWER = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 7,
    "model": "gpt-4o-mini",
    "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "A…"}}
    ],
    "usage": USAGE,
}
EVENTS = [
    'data: {"id":"c","choices":[{"index":0,"delta":{"content":"A"}}],"usage":null}',
    'data: {"id":"c","choices":[],"usage":' + json.dumps(USAGE) + "}",
    "data: [DONE]",
]
EMBEDDED = {
    "object": "list",
    "model": "e",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, -2.0]}],
    "usage": {"prompt_tokens": 1, "total_tokens": 1},
}
PROVIDER_KEY = "sk-" + "provider0key" * 3


def error_of(response: httpx.Response) -> dict:
    return response.json()["error"]
