"""A pytest plugin: files whose tests share what is slow to start run in one worker of pytest-xdist.

``--dist=loadfile`` gives each file to a worker as a whole. A worker imports LiteLLM once, in four
seconds, and keeps a proxy for all tests that need one, in ten; so the files that use them are given
to one worker together.

The lessons that are run live are in worlds, each with services of its own. A file of those is given
out by its worlds, of which a test's parameters name the first.
"""

from __future__ import annotations

from typing import Any

import pytest

__all__ = ["APART", "TOGETHER", "pytest_xdist_make_scheduler", "scope"]

# Folders and files below the root whose tests import LiteLLM in the process of the tests.
TOGETHER = (
    "tests/langsmith_local/test_clients.py",
    "tests/lessons/",
)
# Files whose tests are given out by the first of their parameters.
APART = ("tests/live/test_lessons.py", "tests/live/test_shaped.py")


def scope(nodeid: str) -> str:
    """Return what a worker is given along with the test ``nodeid``: its file, all, or its world."""
    file = nodeid.partition("::")[0]
    if file in APART:
        parameters = nodeid.partition("::")[2].partition("[")[2].rstrip("]")
        return f"{file}[{parameters.partition('-')[0]}"
    return "litellm" if file.startswith(TOGETHER) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let ``scope`` decide where ``--dist=loadfile`` was asked for."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = scope  # what a scope is, xdist asks this method alone
    return scheduler
