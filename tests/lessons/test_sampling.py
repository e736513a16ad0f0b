"""What lesson 08 says of sampling rates: which are taken, which are ignored, which are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from langsmith import Client, traceable, tracing_context
from langsmith.utils import LangSmithUserError

from helpers import traces
from helpers.lessons import delivery
from tests.lessons.calls import CALL, lesson


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("sampling"):
        yield
    delivery.connect()


def kept(project: str, argument: float | None = None, call: float | None = None) -> int:
    """Make thirty calls with a new logger; return how many runs LangSmith has of them."""
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    extra = {} if call is None else {"langsmith_sampling_rate": call}

    async def main() -> None:
        delivery.connect(logger := LangsmithLogger(langsmith_sampling_rate=argument))
        for _ in range(30):
            await litellm.acompletion(
                **CALL, mock_response="A protocol.", metadata={"project_name": project}, **extra
            )
        await delivery.deliver(logger)

    asyncio.run(main())
    return len(traces.query(project=project, limit=100))


@pytest.mark.parametrize("argument", [0, 0.1])
@pytest.mark.parametrize("variable", [None, "0.1"])
def test_the_logger_s_argument_is_ignored_unless_the_variable_is_digits(
    monkeypatch, argument, variable
):
    monkeypatch.delenv("LANGSMITH_SAMPLING_RATE", raising=False)
    if variable is not None:
        monkeypatch.setenv("LANGSMITH_SAMPLING_RATE", variable)
    assert kept(f"argument {argument} {variable}", argument=argument) == 30


def test_beside_a_variable_of_digits_the_argument_counts_but_for_zero(monkeypatch):
    monkeypatch.setenv("LANGSMITH_SAMPLING_RATE", "1")
    assert 0 < kept("argument 0.5 beside 1", argument=0.5) < 30
    assert kept("argument 0 beside 1", argument=0) == 30


def test_a_rate_of_the_call_counts():
    assert kept("call 0", call=0) == 0
    assert 0 < kept("call 0.5", call=0.5) < 30


def test_the_sdk_keeps_or_drops_a_trace_as_a_whole():
    @traceable
    def child() -> int:
        return 1

    @traceable
    def parent() -> int:
        return child()

    client = Client(tracing_sampling_rate=0.5)
    with tracing_context(enabled=True, client=client, project_name="whole"):
        for _ in range(30):
            parent()
    client.flush()
    names = [run.name for run in traces.query(project="whole", limit=100)]
    assert 0 < names.count("parent") == names.count("child") < 30


def test_the_sdk_refuses_a_rate_out_of_bounds():
    with pytest.raises(LangSmithUserError, match="must be between 0 and 1"):
        Client(tracing_sampling_rate=1.5)


def test_the_sdk_writes_its_rate_into_each_run_and_the_callback_none():
    client = Client(tracing_sampling_rate=1)
    with tracing_context(enabled=True, client=client, project_name="told"):
        traceable(str.upper, name="told")("http")
    client.flush()
    (told,) = traces.query(project="told", count=1)
    assert told.metadata["ls_tracing_sample_rate"] == 1
    assert kept("untold", call=1) == 30
    runs = traces.query(project="untold", limit=100)
    assert not any("sample" in key or "sampling" in key for run in runs for key in run.metadata)


def test_a_logger_s_attribute_counts_where_the_call_brings_no_rate():
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    async def main() -> None:
        logger = LangsmithLogger()
        logger.sampling_rate = 0.0
        async with delivery.reporting(logger):
            for call in ({}, {"langsmith_sampling_rate": 1}):
                metadata = {"project_name": "attribute", "run_name": str(len(call))}
                await litellm.acompletion(**CALL, mock_response="Yes.", metadata=metadata, **call)

    asyncio.run(main())
    assert [run.name for run in traces.query(project="attribute", count=1)] == ["1"]
