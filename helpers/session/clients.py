"""The clients of LangSmith's SDK and the loggers of LiteLLM that this process has made already."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langsmith import Client

__all__ = ["forget", "forget_loggers", "read_again", "sdk_client"]

#: LiteLLM's lists of those who are told of calls (1.106.2), and which it copies loggers into.
LISTS = (
    "callbacks",
    "input_callback",
    "success_callback",
    "failure_callback",
    "_async_success_callback",
    "_async_failure_callback",
)


def sdk_client() -> Client | None:
    """Return the client that LangSmith's SDK made for this process, if it made one."""
    return getattr(sys.modules.get("langsmith.run_trees"), "_CLIENT", None)


def read_again() -> None:
    """Make a LangSmith SDK that is already imported read its variables again.

    It keeps them in two lru_caches (langsmith 0.15.0: ``utils.get_env_var``,
    ``utils.get_tracer_project``).
    """
    if (utils := sys.modules.get("langsmith.utils")) is not None:
        utils.get_env_var.cache_clear()
        utils.get_tracer_project.cache_clear()


def forget() -> None:
    """Make a LangSmith SDK that is already imported read the environment again, all of it.

    Beside its variables it keeps one client for the process (``run_trees.get_cached_client``).
    """
    read_again()
    if "langsmith.run_trees" in sys.modules:
        import langsmith

        langsmith.configure(client=None)


def forget_loggers() -> None:
    """Take every LangSmith logger out of the lists of a LiteLLM that is imported.

    What a logger holds is lost. A call that is over, and whose report waits, is reported to nobody:
    LiteLLM looks into its lists then, and its logger into the environment of that moment (1.106.2:
    ``LangsmithLogger._get_credentials_to_use_for_request``).
    """
    if (litellm := sys.modules.get("litellm")) is None:
        return
    module = sys.modules.get("litellm.integrations.langsmith")
    logging = sys.modules.get("litellm.litellm_core_utils.litellm_logging")
    # An import that was interrupted leaves a module without some of its names.
    lists: list[list[Any]] = [getattr(litellm, name, []) for name in LISTS]
    for some in [*lists, getattr(logging, "_in_memory_loggers", [])]:
        for each in list(some):
            if module is not None and isinstance(each, module.LangsmithLogger):
                each.log_queue.clear()
            elif each != "langsmith":
                continue
            some.remove(each)
