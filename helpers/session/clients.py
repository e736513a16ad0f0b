"""The clients of LangSmith's SDK that this process has made already."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langsmith import Client

__all__ = ["forget", "sdk_client"]


def sdk_client() -> Client | None:
    """Return the client that LangSmith's SDK made for this process, if it made one."""
    return getattr(sys.modules.get("langsmith.run_trees"), "_CLIENT", None)


def forget() -> None:
    """Make a LangSmith SDK that is already imported read the environment again.

    It keeps variables in an lru_cache and one client for the process (langsmith 0.15.0:
    ``utils.get_env_var``, ``run_trees.get_cached_client``).
    """
    utils = sys.modules.get("langsmith.utils")
    if utils is None:
        return
    utils.get_env_var.cache_clear()
    utils.get_tracer_project.cache_clear()
    if "langsmith.run_trees" in sys.modules:
        import langsmith

        langsmith.configure(client=None)
