"""A request, its answer, and recordings of any prompt."""

from __future__ import annotations

from helpers.recording import Recording

CHAT = "/chat/completions"
BODY = {"model": "m", "messages": [{"role": "user", "content": "What is HTTP?"}], "temperature": 0}
ANSWER = {"status": 200, "headers": {}, "body": {"id": "chatcmpl-1"}}


def asked(text: str, **fields: object) -> Recording:
    request = {"model": "m", "messages": [{"role": "user", "content": text}], **fields}
    return Recording(CHAT, request, ANSWER, {"model": "m"})
