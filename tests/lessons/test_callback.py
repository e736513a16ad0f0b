"""What lessons 02 and 13 say of LiteLLM's callback: what it sends, when, and where to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from langsmith import Client
from langsmith.utils import get_env_var

from helpers import traces
from helpers.lessons import callback
from tests.lessons.calls import CALL, asking, batches, eventually, lesson, logged, remove, reporting
from tests.said import said

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("callback"):
        yield


@pytest.fixture
def project(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LANGSMITH_PROJECT", request.node.name)
    return request.node.name


def test_a_logger_waits_for_512_runs_or_5_seconds():
    from litellm.integrations.langsmith import LangsmithLogger

    logger = LangsmithLogger()
    assert (logger.batch_size, logger.flush_interval) == (512, 5)


@pytest.mark.struggle(2)
def test_an_async_call_is_sent_when_the_interval_is_over(project):
    import litellm

    async def sent_within(interval: float, *, seconds: float) -> bool:
        async with reporting(batch_size=512, flush_interval=interval) as logger:
            await litellm.acompletion(**CALL)
            assert await eventually(lambda: logger.log_queue != [] or batches(project) != [])
            return await eventually(lambda: batches(project) != [], seconds=seconds)

    assert not asyncio.run(sent_within(3600, seconds=0.2))
    assert asyncio.run(sent_within(0.1, seconds=20))
    assert [len(batch) for batch in batches(project)] == [1]


@pytest.mark.struggle(1)
def test_a_synchronous_call_is_sent_by_no_clock(project):
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    litellm.callbacks = [logger := LangsmithLogger(flush_interval=0.02)]
    litellm.completion(**CALL)
    assert asyncio.run(eventually(lambda: len(logger.log_queue) == 1))
    time.sleep(0.3)  # many intervals
    assert len(logger.log_queue) == 1 and batches(project) == []
    remove(logger)


@pytest.mark.struggle(3)
def test_synchronous_calls_send_the_whole_queue_again_each_time(project):
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    litellm.callbacks = [logger := LangsmithLogger(batch_size=1)]
    for count, term in enumerate(("TCP", "SQL", "TCP"), start=1):
        litellm.completion(**asking(term))
        assert asyncio.run(eventually(lambda count=count: len(batches(project)) == count))
    first, second, third = batches(project)
    assert len(third) == 3 and first == third[:1] and second == third[:2]
    assert len(traces.query(project=project)) == 3
    remove(logger)


@pytest.mark.struggle(4)
@pytest.mark.parametrize(
    ("callbacks", "names"),
    [("success_callback", ["fine"]), ("callbacks", ["wrong, async", "fine"])],
)
def test_a_failure_is_logged_by_callbacks_and_for_async_calls_only(
    project, monkeypatch, callbacks, names
):
    import litellm
    from litellm.litellm_core_utils import litellm_logging

    monkeypatch.setattr(litellm_logging, "_in_memory_loggers", [])  # no "langsmith" made before
    monkeypatch.setattr(litellm, "suppress_debug_info", True)
    monkeypatch.setattr(litellm, "langsmith_batch_size", 1)
    monkeypatch.setattr(litellm, callbacks, ["langsmith"])

    def labelled(name: str, **changes: str) -> dict[str, object]:
        return CALL | changes | {"metadata": {"run_name": name}}

    # LiteLLM refuses this model itself, in both kinds of call.
    with suppress(litellm.BadRequestError):
        litellm.completion(**labelled("wrong, sync", model="gtp-4o-mini"))

    async def main() -> None:
        with suppress(litellm.BadRequestError):
            await litellm.acompletion(**labelled("wrong, async", model="gtp-4o-mini"))
        await litellm.acompletion(**labelled("fine"))
        assert await eventually(lambda: "fine" in sum(batches(project, "name"), []))

    asyncio.run(main())
    assert sorted(sum(batches(project, "name"), []), reverse=True) == names


@pytest.mark.struggle(5)
def test_a_logged_call_has_its_tokens_and_its_cost():
    (run,) = logged({})
    known, cost = said("HTTP"), pytest.approx(said("HTTP").cost)
    usage = {"input_tokens": known.tokens_in, "output_tokens": known.tokens_out}
    usage |= {"total_tokens": known.tokens, "total_cost": cost}
    assert run.outputs["usage_metadata"] == usage
    assert (run.total_tokens, run.total_cost) == (known.tokens, cost)


@pytest.mark.struggle(14)
def test_the_callback_takes_no_notice_of_the_sdk_s_address(project, monkeypatch):
    monkeypatch.setenv("LANGSMITH_ENDPOINT", NOBODY)
    get_env_var.cache_clear()
    assert Client(auto_batch_tracing=False).api_url == NOBODY

    async def main() -> bool:
        import litellm

        async with reporting():
            await litellm.acompletion(**CALL)
            return await eventually(lambda: batches(project) != [])

    assert asyncio.run(main())


@pytest.mark.struggle(14)
def test_without_an_address_of_its_own_the_callback_goes_to_the_united_states(monkeypatch):
    from litellm.integrations.langsmith import LangsmithLogger

    monkeypatch.setenv("LANGSMITH_ENDPOINT", "https://eu.api.smith.langchain.com")
    monkeypatch.delenv("LANGSMITH_BASE_URL")
    credentials = LangsmithLogger().get_credentials_from_env()
    assert credentials["LANGSMITH_BASE_URL"] == "https://api.smith.langchain.com"


def test_a_batch_that_cannot_be_sent_leaves_the_queue_and_a_line_in_the_log(monkeypatch, caplog):
    import litellm

    monkeypatch.setenv("LANGSMITH_BASE_URL", NOBODY)

    async def main() -> int:
        async with reporting() as logger:
            await litellm.acompletion(**CALL)
            assert await eventually(lambda: "Langsmith Layer Error" in caplog.text)
            async with logger.flush_lock:  # the flush that has failed is over
                return len(logger.log_queue)

    assert asyncio.run(main()) == 0


@pytest.mark.parametrize(("rate", "kept"), [("0.5", 1.0), ("0", 0.0), ("1", 1.0)])
def test_the_callback_ignores_a_fraction_as_its_sampling_rate(monkeypatch, rate, kept):
    from litellm.integrations.langsmith import LangsmithLogger

    monkeypatch.setenv("LANGSMITH_SAMPLING_RATE", rate)
    assert LangsmithLogger().sampling_rate == kept


def test_a_logger_does_not_read_its_settings_again_and_gets_no_second_of_its_kind(monkeypatch):
    import litellm

    async def main() -> list[object]:
        litellm.success_callback = ["langsmith"]
        monkeypatch.setattr(litellm, "langsmith_batch_size", 7)
        await litellm.acompletion(**CALL)
        litellm.langsmith_batch_size = 20
        litellm.callbacks = ["langsmith"]
        await litellm.acompletion(**CALL)
        return [one for one in litellm.success_callback if not isinstance(one, str)]

    callback.forget()
    (logger,) = asyncio.run(main())
    assert logger.batch_size == 7
    assert not any(isinstance(one, type(logger)) for one in litellm_failures())
    callback.forget()


def litellm_failures() -> list[object]:
    import litellm

    return [*litellm.failure_callback, *litellm._async_failure_callback]


def test_a_logger_with_a_handler_logs_a_synchronous_call_that_fails(project, monkeypatch):
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    class Thorough(LangsmithLogger):
        log_failure_event = LangsmithLogger.log_success_event

    monkeypatch.setattr(litellm, "suppress_debug_info", True)
    for kind in (LangsmithLogger, Thorough):
        callback.forget()
        litellm.callbacks = [kind(batch_size=1)]
        with suppress(litellm.BadRequestError):
            litellm.completion(**CALL | {"model": "gtp"}, metadata={"run_name": kind.__name__})
    assert asyncio.run(eventually(lambda: batches(project, "name") != []))
    assert batches(project, "name") == [["Thorough"]]
    callback.forget()


def test_what_is_forgotten_is_in_no_list_and_sends_nothing(project):
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    def other(*_: object) -> None:
        """Another listener, which stays."""

    async def main() -> LangsmithLogger:
        litellm.callbacks = [logger := LangsmithLogger(flush_interval=3600), other]
        await litellm.acompletion(**CALL)
        assert await eventually(lambda: logger.log_queue != [])
        callback.forget()
        await logger.flush_queue()  # as the interval would
        return logger

    litellm.langsmith_batch_size = 30
    logger = asyncio.run(main())
    assert batches(project) == [] and logger.log_queue == []
    assert litellm.callbacks == [other] and litellm.langsmith_batch_size is None
    assert logger not in litellm.logging_callback_manager.get_all_callbacks()
    litellm.callbacks = []


def test_both_layers_make_a_run_each(project, monkeypatch):
    import litellm
    from langsmith import trace

    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    get_env_var.cache_clear()

    async def main() -> None:
        callback.both_layers()
        with trace("ours"):
            await litellm.acompletion(**CALL)
        assert await traces.wait(name="LLMRun", timeout=20)
        assert await traces.wait(name="ours", timeout=20)

    asyncio.run(main())
    assert [len(batch) for batch in batches(project)] == [1]
    callback.forget()
