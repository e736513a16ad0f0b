"""The clients of LangSmith's SDK that this process has made already."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langsmith import Client

__all__ = ["forget", "read_again", "sdk_client"]


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
