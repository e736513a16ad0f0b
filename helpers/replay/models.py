"""The names of models that OpenAI serves: others are refused as OpenAI refuses them.

A short list of what LiteLLM's price list has of OpenAI's (1.106.2: chat and embeddings, current
names and those that are still much used); what has recordings is known without it.
A dated name, such as ``gpt-4o-mini-2024-07-18``, is known by what stands before its date.
"""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["KNOWN", "completes", "embeds", "known", "reasons", "temperature"]

COMPLETING = ("gpt-3.5-turbo-instruct", "babbage-002", "davinci-002")  # texts, without turns
KNOWN = frozenset(
    ("gpt-6-astra", "gpt-6-luna", "gpt-6-sol", "gpt-6.1-sol")
    + ("gpt-5.6", "gpt-5.5", "gpt-5.5-pro", "gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-5.2")
    + ("gpt-5.1", "gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-5-pro", "chat-latest")
    + ("gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "gpt-4o", "gpt-4o-mini")
    + ("gpt-4-turbo", "gpt-4", "gpt-3.5-turbo", "gpt-3.5-turbo-16k")
    + ("o1", "o1-pro", "o3", "o3-mini", "o3-pro", "o4-mini")
    + ("text-embedding-3-small", "text-embedding-3-large", "text-embedding-ada-002")
    + COMPLETING
)

_DATE = re.compile(r"-(\d{4}-\d\d-\d\d|\d{4})$")


def known(name: str) -> bool:
    """Whether OpenAI has a model of that name."""
    return name in KNOWN or _DATE.sub("", name) in KNOWN


def embeds(name: str) -> bool:
    """Whether OpenAI's model of that name makes vectors, and nothing else."""
    return known(name) and name.startswith("text-embedding-")


def completes(name: str) -> bool:
    """Whether OpenAI's model of that name goes on with a text, and takes no messages."""
    return name in COMPLETING


def reasons(name: str) -> bool:
    """Whether OpenAI's model of that name is one of those that reason: the o series, gpt-5 on."""
    return known(name) and re.match(r"o\d|gpt-[5-9]|chat-latest", name) is not None


def temperature(name: str) -> Literal["any", "default", "none"]:
    """Return which temperatures a chat model takes.

    Only the default of 1 for gpt-5 and its small ones, none for o3-mini, where users reported it
    (QwenLM/qwen-code issue 921, tmc/langchaingo issue 1355, BeehiveInnovations/pal-mcp-server issue
    78). Later ones take others or not, by how much they are to think, and are left alone here.
    """
    undated = _DATE.sub("", name)
    if undated in ("gpt-5", "gpt-5-mini", "gpt-5-nano", "o3"):
        return "default"
    return "none" if undated == "o3-mini" else "any"
