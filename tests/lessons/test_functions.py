"""What lessons 00, 01, 07 and 13 say of functions under ``@traceable``: tokens, costs, switch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import nbformat
import pytest
from langsmith import RunTree, traceable, tracing_context
from langsmith.utils import get_env_var

from helpers import traces
from tests.lessons.calls import CALL, NOTEBOOKS, lesson
from tests.said import said

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
        "as a chain": (None, pytest.approx(said("HTTP").cost)),  # a cost counts on any run
        "as an llm": (said("HTTP").tokens, pytest.approx(said("HTTP").cost)),
    }


def cell(key: str) -> str:
    """Return the source of a cell of lesson 01, which readers copy."""
    cells = nbformat.read(NOTEBOOKS / "01_trace_with_traceable.ipynb", as_version=4).cells
    (source,) = (each.source for each in cells if each.id == key)
    return str(source)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The function of lesson 01 that says its tokens; the script it imports from is beside it."""
    monkeypatch.syspath_prepend(str(NOTEBOOKS))
    names: dict[str, Any] = {}
    exec(cell("tokens-imports") + "\n\n" + cell("c1735f95"), names)
    function: Callable[..., Any] = names["ask"]
    return function


def test_the_function_of_lesson_01_says_its_model_its_tokens_and_its_cost(ask):
    with tracing_context(enabled=True):
        ask(CALL["messages"])
    run = traces.show("ask").root
    assert {name: run.metadata[name] for name in MODEL} == MODEL
    assert (run.total_tokens, run.total_cost) == (
        said("HTTP").tokens,
        pytest.approx(said("HTTP").cost),
    )


@pytest.mark.parametrize("text", ["short", "a mock of some more words than that"])
def test_a_mock_has_the_price_of_its_model_30_tokens_and_asks_nobody(ask, text, monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)  # asked, it would raise
    with tracing_context(enabled=True):
        given = ask(CALL["messages"], "anthropic/claude-haiku-4-5", mock_response=text)
    run = traces.show("ask").root
    assert (run.metadata["ls_provider"], run.metadata["ls_model_name"]) == (
        "anthropic",
        "claude-haiku-4-5",
    )
    assert given["messages"][0].content == text
    usage = {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30}
    assert given["usage_metadata"] == usage | {"total_cost": pytest.approx(10e-6 + 20 * 5e-6)}
    assert run.total_cost == pytest.approx(0.00011)


def test_a_call_that_nobody_marked_is_no_run_though_tracing_is_on():
    from litellm import completion

    with tracing_context(enabled=True, project_name="unmarked"):
        completion(**CALL)
        assert traces.query(project="unmarked") == []
        traceable(completion)(**CALL)
    assert [run.name for run in traces.query(project="unmarked", count=1)] == ["completion"]


def test_an_exception_is_in_the_runs_that_it_went_through_and_in_no_other():
    @traceable
    def fine() -> str:
        return "fine"

    @traceable
    def broken() -> None:
        raise KeyError("HTML")

    @traceable
    def whole() -> None:
        fine()
        broken()

    with tracing_context(enabled=True), pytest.raises(KeyError):
        whole()
    failed = {run.name for run in traces.show("whole").root.walk() if run.error}
    assert failed == {"whole", "broken"}


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
