"""What one layer sees of the environment, and the settings that there are to see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CALLBACK", "NO_CLOCK", "PROXY", "SDK", "SETTINGS", "Seen"]

# Each setting and the variables that decide it. Those after the first None are older spellings,
# shown only when they are set.
SETTINGS: dict[str, tuple[str | None, ...]] = {
    "tracing": (
        "LANGSMITH_TRACING",
        None,
        "LANGSMITH_TRACING_V2",
        "LANGCHAIN_TRACING_V2",
        "LANGCHAIN_TRACING",
    ),
    "key": ("LANGSMITH_API_KEY", None, "LANGCHAIN_API_KEY"),
    "address": (
        "LANGSMITH_ENDPOINT",
        "LANGSMITH_BASE_URL",
        None,
        "LANGCHAIN_ENDPOINT",
        "LANGSMITH_RUNS_ENDPOINTS",
    ),
    "project": ("LANGSMITH_PROJECT", None, "LANGCHAIN_PROJECT", "LANGSMITH_SESSION"),
    "sampling rate": (
        "LANGSMITH_TRACING_SAMPLING_RATE",
        "LANGSMITH_SAMPLING_RATE",
        None,
        "LANGCHAIN_TRACING_SAMPLING_RATE",
    ),
    "batch size": ("LANGSMITH_BATCH_SIZE",),
    "workspace": ("LANGSMITH_WORKSPACE_ID", "LANGSMITH_TENANT_ID", None, "LANGCHAIN_WORKSPACE_ID"),
}
SDK, CALLBACK, PROXY = "LangSmith SDK", "LiteLLM callback", "LiteLLM proxy"
NO_CLOCK = "with no clock"  # how a batch size ends where nothing sends what waits


@dataclass(frozen=True)
class Seen:
    """One layer's view: a text for each of ``SETTINGS``, keys masked.

    ``state`` says whether the layer runs; ``waiting`` counts runs not sent yet, None when unknown.
    """

    name: str
    state: str
    settings: Mapping[str, str]
    waiting: int | None = None
