"""What LangSmith's SDK and LiteLLM hold in this process, if it has imported them."""

from __future__ import annotations

import sys
from typing import Any

from helpers.doctor import cached

__all__ = ["batch_size", "events", "logger", "sdk_state"]

LISTS = {
    "success": ("callbacks", "success_callback", "_async_success_callback"),
    "failure": ("callbacks", "failure_callback", "_async_failure_callback"),
}


def sdk_state() -> dict[str, Any]:
    """Return what LangSmith's SDK keeps, as keyword arguments of ``views.sdk_view``."""
    utils, trees, context = (
        sys.modules.get(f"langsmith.{name}")
        for name in ("utils", "run_trees", "_internal._context")
    )
    if utils is None:
        return {"imported": False}
    state: dict[str, Any] = {
        "variables": cached.contents(getattr(utils, "get_env_var", None)),
        "project": cached.contents(getattr(utils, "get_tracer_project", None)),
        "client": getattr(trees, "_CLIENT", None),
    }
    if context is not None:
        enabled = context._TRACING_ENABLED.get()
        state["enabled"] = context._GLOBAL_TRACING_ENABLED if enabled is None else enabled
        state["named"] = context._PROJECT_NAME.get() or context._GLOBAL_PROJECT_NAME
        state["client"] = context._CLIENT.get() or state["client"]
    return state


def logger() -> Any:
    """Return the logger for LangSmith in LiteLLM's lists, else one that LiteLLM has made."""
    logging = sys.modules.get("litellm.litellm_core_utils.litellm_logging")
    listed = _callbacks(*(name for names in LISTS.values() for name in names))
    loggers = (*listed, *getattr(logging, "_in_memory_loggers", ()))
    return next((each for each in loggers if type(each).__name__ == "LangsmithLogger"), None)


def _callbacks(*names: str) -> list[Any]:
    litellm = sys.modules.get("litellm")
    return [each for name in names for each in getattr(litellm, name, None) or ()]


def events() -> frozenset[str] | None:
    """Return which of success and failure the callback logs; None without LiteLLM."""
    if "litellm" not in sys.modules:
        return None
    return frozenset(event for event, names in LISTS.items() if any(map(_ours, _callbacks(*names))))


def _ours(callback: Any) -> bool:
    return callback == "langsmith" or type(callback).__name__ == "LangsmithLogger"


def batch_size() -> object:
    """Return ``litellm.langsmith_batch_size``."""
    return getattr(sys.modules.get("litellm"), "langsmith_batch_size", None)
