"""Loggers that take turns in one process, as in lesson 09."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from helpers import traces
from helpers.lessons import delivery
from tests.lessons.calls import CALL, batches, lesson


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("delivery"):
        yield
    delivery.connect()


def mocked(project: str) -> dict[str, object]:
    return CALL | {"mock_response": "A protocol.", "metadata": {"project_name": project}}


def test_what_was_called_in_a_block_is_sent_as_one_batch_with_and_without_await():
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    async def main() -> None:
        async with delivery.reporting(LangsmithLogger(), 2):
            await litellm.acompletion(**mocked("both"))
            litellm.completion(**mocked("both"))
        await litellm.acompletion(**mocked("both"))
        assert litellm.callbacks == []

    asyncio.run(main())
    assert [len(batch) for batch in batches("both")] == [2]


def test_after_a_block_the_loggers_before_have_their_place_again():
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    async def main() -> None:
        delivery.connect(before := LangsmithLogger())
        async with delivery.reporting(LangsmithLogger(), 1):
            await litellm.acompletion(**mocked("within"))
        await litellm.acompletion(**mocked("after"))
        await delivery.deliver(before, 1)
        delivery.connect()

    asyncio.run(main())
    counts = [len(traces.query(project=name)) for name in ("within", "after")]
    assert counts == [1, 1]


def test_a_block_that_fails_leaves_no_logger_behind():
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    async def main() -> None:
        with pytest.raises(KeyError):
            async with delivery.reporting(LangsmithLogger()):
                raise KeyError

    asyncio.run(main())
    assert litellm.callbacks == []


def test_a_logger_that_gave_way_hears_of_no_later_call():
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    async def main() -> None:
        first, second = LangsmithLogger(), LangsmithLogger()
        for logger, project in ((first, "first"), (second, "second")):
            delivery.connect(logger)
            await litellm.acompletion(**mocked(project))
            await delivery.deliver(logger, 1)
        await delivery.deliver(first)
        delivery.connect()
        assert not any(each in litellm.input_callback for each in (first, second))

    asyncio.run(main())
    assert [len(traces.query(project=name)) for name in ("first", "second")] == [1, 1]


def test_what_does_not_come_is_waited_for_no_longer_than_that(monkeypatch):
    from litellm.integrations.langsmith import LangsmithLogger

    monkeypatch.setattr(delivery, "SECONDS", 0.05)

    async def main() -> None:
        await delivery.deliver(LangsmithLogger(), 1)

    asyncio.run(main())
