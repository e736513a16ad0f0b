"""The response headers: who answered, how long it took, what is left, whether to try again.

The six that tell of limits have the names and the form of those in OpenAI's guide
(https://platform.openai.com/docs/guides/rate-limits). Their numbers are ours: an account's own
limits depend on what it has paid and on the model. 500 requests a minute, and the 120 ms until one
is given back, are what a user got for gpt-4o (open-webui/open-webui issue 3743); the tokens a
minute, and what a request is counted as, are our choice. Each answer counts alone: nothing is used
up here, and nobody is refused for a limit.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import MutableHeaders

__all__ = ["FINAL", "PROCESSING", "add"]

PROCESSING = "openai-processing-ms"
# LiteLLM's and OpenAI's clients obey it: trying again would not help.
FINAL = {"x-should-retry": "false"}
VERSION = "2020-10-01"  # what OpenAI's API says of itself, all these years
REQUESTS, TOKENS = 500, 200_000  # a minute


def add(headers: MutableHeaders, body: Mapping[str, Any] | None, *, seconds: float) -> None:
    """Add to ``headers`` what OpenAI adds; what is there stays.

    ``seconds`` is what the answer took, where none was recorded. ``body`` is what was asked, or
    None for what was refused unread, which uses no tokens.
    """
    headers.setdefault("x-request-id", f"req_{secrets.token_hex(16)}")
    headers.setdefault("openai-version", VERSION)
    headers.setdefault(PROCESSING, str(round(seconds * 1000)))
    if body is None:
        return
    used = min(_estimated(body), TOKENS)
    left = {
        "limit-requests": REQUESTS,
        "limit-tokens": TOKENS,
        "remaining-requests": REQUESTS - 1,
        "remaining-tokens": TOKENS - used,
        "reset-requests": f"{60_000 // REQUESTS}ms",
        "reset-tokens": f"{60_000 * used // TOKENS}ms",
    }
    for name, value in left.items():
        headers.setdefault(f"x-ratelimit-{name}", str(value))


def _estimated(body: Mapping[str, Any]) -> int:
    """Return the tokens that a request is counted as before it is answered, 4 characters each."""
    asked = body.get("messages") or body.get("input") or body.get("prompt") or ""
    most = body.get("max_tokens")
    return len(json.dumps(asked)) // 4 + (most if isinstance(most, int) and most > 0 else 16)
