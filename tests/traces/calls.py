"""Traced functions whose traces the tests read back."""

from __future__ import annotations

import langsmith

USAGE = {"input_tokens": 5, "output_tokens": 37, "total_tokens": 42, "total_cost": 0.25}


@langsmith.traceable(run_type="llm")
def answer(messages: list[dict[str, str]]) -> dict[str, object]:
    return {
        "role": "assistant",
        "content": f"You said {messages[0]['content']}.",
        "usage_metadata": USAGE,
    }


@langsmith.traceable(tags=["glossary"], metadata={"user": "ada"})
def define(term: str) -> str:
    return str(answer([{"role": "user", "content": term}])["content"])


@langsmith.traceable
def fail(term: str) -> None:
    raise ValueError(f"no such term: {term}")
