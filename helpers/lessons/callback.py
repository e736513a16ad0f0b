"""LiteLLM without its LangSmith loggers, as in a kernel that has just started, and with one.

A service needs nothing of it: there the settings stand before the first call, once.
"""

from __future__ import annotations

import os

from helpers.session import clients

__all__ = ["both_layers", "forget"]


def forget() -> None:
    """Take every LangSmith logger out of LiteLLM's lists, and its own settings back.

    The next ``litellm.callbacks = ["langsmith"]`` makes a new logger then, which reads its settings
    anew. What a logger still held is lost, as with a restart of the kernel.
    """
    import litellm

    clients.forget_loggers()
    litellm.langsmith_batch_size = None


def both_layers() -> None:
    """Turn on LangSmith's SDK and LiteLLM's callback, with a new logger that sends at once."""
    import litellm

    os.environ["LANGSMITH_TRACING"] = "true"
    clients.read_again()
    forget()
    litellm.callbacks = ["langsmith"]
    litellm.langsmith_batch_size = 1
