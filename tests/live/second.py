"""A second learner, who works in the same workspace at the same time, in projects of his own."""

from __future__ import annotations

import threading
from typing import Self

from langsmith import Client
from langsmith.run_trees import RunTree

__all__ = ["SecondLearner"]

SECONDS = 1.0  # between two of his traces
PROJECTS = ("litellm-integration-of-ben", "gather-of-ben", "litellm-proxy-of-ben")
NAMES = ("define", "glossary", "LLMRun", "LiteLLM chat")


class SecondLearner:
    """Sends traces with the names that lessons use, for the length of a ``with`` block."""

    def __init__(self, langsmith: dict[str, str]) -> None:
        self._client = Client(
            api_url=langsmith["LANGSMITH_ENDPOINT"],
            api_key=langsmith["LANGSMITH_API_KEY"],
            workspace_id=langsmith["LANGSMITH_WORKSPACE_ID"],
        )
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(10)
        self._client.close()

    def _work(self) -> None:
        number = 0
        while not self._done.wait(SECONDS):
            project, name = PROJECTS[number % len(PROJECTS)], NAMES[number % len(NAMES)]
            tree = RunTree(name=name, project_name=project, ls_client=self._client, inputs={})
            tree.post()
            tree.end(outputs={"output": "Ben's"})
            tree.patch()
            number += 1
