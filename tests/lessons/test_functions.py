"""What lessons 01 and 07 say of functions under ``@traceable``: tokens, costs, and the switch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langsmith import RunTree, traceable, tracing_context
from langsmith.utils import get_env_var

from helpers import traces
from tests.lessons.calls import CALL, lesson

MODEL = {"ls_provider": "openai", "ls_model_name": "gpt-4o-mini"}


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("functions"):
        yield


def answered() -> dict[str, Any]:
    """Make a call; return its message, with the tokens and the cost as LangSmith names them."""
    from litellm import completion, completion_cost

    response = completion(**CALL)
    usage = {
        "input_tokens": response.usage.prompt_tokens,
        "output_tokens": response.usage.completion_tokens,
        "total_tokens": response.usage.total_tokens,
        "total_cost": completion_cost(response),
    }
    return {"messages": [response.choices[0].message], "usage_metadata": usage}


@pytest.mark.struggle(6)
def test_a_function_has_tokens_and_a_cost_when_it_is_an_llm_and_says_them():
    def silent() -> Any:
        return answered()["messages"]

    with tracing_context(enabled=True):
        traceable(silent)()
        traceable(answered, name="as a chain")()
        traceable(answered, name="as an llm", run_type="llm", metadata=MODEL)()
    found = {name: traces.show(name).root for name in ("silent", "as a chain", "as an llm")}
    known = {name: (run.total_tokens, run.total_cost) for name, run in found.items()}
    assert known == {
        "silent": (None, None),
        "as a chain": (None, None),
        "as an llm": (63, pytest.approx(0.00002025)),
    }


@pytest.mark.struggle(7)
def test_token_counts_under_openai_s_names_are_refused_by_the_sdk():
    run = RunTree(name="ask", run_type="llm")
    with pytest.raises(ValueError, match="Unexpected keys in usage metadata: {'prompt_tokens'}"):
        run.set(usage_metadata={"prompt_tokens": 39})
    run.set(usage_metadata={"input_tokens": 39, "output_tokens": 24, "total_tokens": 63})


@pytest.mark.struggle(13)
def test_tracing_stays_as_it_was_until_the_sdk_s_cache_is_cleared(monkeypatch):
    @traceable
    def spell(term: str) -> str:
        return " ".join(term)

    def traced() -> int:
        spell("DNS")
        return len(traces.show("spell", last=10))

    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    get_env_var.cache_clear()
    assert traced() == 1
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    assert traced() == 2
    get_env_var.cache_clear()
    assert traced() == 2
