"""The mask of lesson 09, which people copy, hunted with every kind of call; and what it is not."""

from __future__ import annotations

import asyncio
import copy
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from helpers import traces
from helpers.lessons import delivery, hunt
from tests.lessons.calls import NOTEBOOKS, batches, lesson

SECRET = "marigold-0000"
PRIVATE = f"What is HTTP? My password is {SECRET}."
KINDS = ["async", "async stream", "failure", "stream", "sync"]
DEEP: dict[str, Any] = {"a": {"b": {"c": {"d": {"e": {"f": {"g": [{"h": SECRET}]}}}}}}}


@pytest.fixture(scope="module", autouse=True)
def _environment() -> Iterator[None]:
    with lesson("masking") as patch:
        patch.syspath_prepend(str(NOTEBOOKS))
        import litellm

        patch.setattr(litellm, "suppress_debug_info", True)
        yield
    delivery.connect()
    sys.modules.pop("proxy.masking", None)


def planted(project: str, kind: str, reply: object, **options: object) -> dict[str, Any]:
    note = {"note": SECRET, SECRET: 1, "deep": copy.deepcopy(DEEP), "object": Holder()}
    about = {"run_name": f"{kind} {SECRET}", "tags": [SECRET], "metadata": note}
    question = {"role": "user", "content": PRIVATE}
    call = {"model": "gpt-4o-mini", "messages": [question], "mock_response": reply}
    return {**call, "metadata": {"project_name": project, **about}, **options}


class Holder:
    """Something of an application's that is no JSON, and that becomes a text when it is sent."""

    def __str__(self) -> str:
        return SECRET


def hunted(logger: Any, project: str) -> dict[str, str]:
    """Make a call of each kind; return where LangSmith then has the secret."""
    import litellm

    async def main() -> None:
        delivery.connect(logger)
        await litellm.acompletion(**planted(project, "async", PRIVATE))
        stream = await litellm.acompletion(**planted(project, "async stream", PRIVATE, stream=True))
        async for _ in stream:
            pass
        with suppress(litellm.InternalServerError):
            await litellm.acompletion(**planted(project, "failure", Exception(PRIVATE)))
        litellm.completion(**planted(project, "sync", PRIVATE))
        for _ in litellm.completion(**planted(project, "stream", PRIVATE, stream=True)):
            pass
        await delivery.deliver(logger, len(KINDS))

    asyncio.run(main())
    return dict(hunt.search(SECRET, project=project, count=len(KINDS)).rows)


@pytest.mark.struggle(15)
def test_the_mask_leaves_the_secret_nowhere_and_the_rest_readable():
    from proxy.masking import MaskedLogger

    assert hunted(MaskedLogger(), "masked") == {
        "nowhere": "0 of 5 runs",
        "the bytes received": "0 of 1 requests",
    }
    runs = {run.name: run for run in traces.query(project="masked")}
    assert sorted(runs) == [f"{kind} [removed]" for kind in KINDS]
    for run in runs.values():
        assert run.inputs["messages"][0]["content"] == PRIVATE.replace(SECRET, "[removed]")
        assert run.tags == ("[removed]",)


def test_the_mask_leaves_what_the_program_holds_as_it_is():
    import litellm
    from proxy.masking import MaskedLogger

    call = planted("kept", "async", PRIVATE)

    async def main() -> str:
        delivery.connect(logger := MaskedLogger())
        response = await litellm.acompletion(**call)
        await delivery.deliver(logger, 1)
        return response.choices[0].message.content

    assert asyncio.run(main()) == PRIVATE == call["messages"][0]["content"]
    assert len(traces.query(project="kept", count=1)) == 1


def test_a_pattern_that_fits_ids_leaves_them_alone():
    import litellm
    from proxy.masking import MaskedLogger

    async def main() -> None:
        async with delivery.reporting(MaskedLogger(r"\d"), 1):
            await litellm.acompletion(**planted("digits", "async", PRIVATE))

    asyncio.run(main())
    (run,) = traces.query(project="digits", count=1)
    assert [[run.id]] == batches("digits") and "0" not in json.dumps(run.inputs["messages"])


@pytest.mark.struggle(15)
def test_a_mask_over_the_two_async_methods_leaks_in_sync_calls_in_names_and_in_keys():
    """The mask that this course once had; the first half of it stands in many a post."""
    from langsmith.anonymizer import create_anonymizer
    from litellm.integrations.langsmith import LangsmithLogger

    mask = create_anonymizer([{"pattern": r"marigold-\d+", "replace": "[removed]"}])

    def masked(kwargs: dict[str, Any]) -> dict[str, Any]:
        return {**kwargs, "standard_logging_object": mask(kwargs["standard_logging_object"])}

    class Half(LangsmithLogger):
        async def async_log_success_event(self, kwargs: Any, **others: Any) -> None:
            await super().async_log_success_event(masked(kwargs), **others)

        async def async_log_failure_event(self, kwargs: Any, **others: Any) -> None:
            await super().async_log_failure_event(masked(kwargs), **others)

    found = hunted(Half(), "half")
    assert found["name"] == "5 of 5 runs"
    assert found["inputs.messages.content"] == "2 of 5 runs"  # sync, and its stream
    assert found[f"inputs.metadata.requester_metadata.{SECRET}"] == "5 of 5 runs"
    assert found["metadata.requester_metadata.deep.a.b.c.d.e.f.g.h"] == "5 of 5 runs"  # below ten
    assert found["the bytes received"] == "1 of 1 requests"


@pytest.mark.struggle(15)
def test_a_logger_s_own_switch_covers_awaited_answers_only_and_no_name():
    from litellm.integrations.langsmith import LangsmithLogger

    found = hunted(LangsmithLogger(turn_off_message_logging=True), "switch")
    assert found["inputs.messages.content"] == "3 of 5 runs"  # the failure and both without await
    assert found["name"] == "5 of 5 runs"


@pytest.mark.struggle(15)
def test_the_switch_for_all_loggers_leaves_names_metadata_and_errors(monkeypatch):
    import litellm
    from litellm.integrations.langsmith import LangsmithLogger

    monkeypatch.setattr(litellm, "turn_off_message_logging", True)
    found = hunted(LangsmithLogger(), "global")
    assert "inputs.messages.content" not in found and "outputs.choices.message.content" not in found
    assert (found["name"], found["error"]) == ("5 of 5 runs", "1 of 5 runs")
    assert found["metadata.requester_metadata.note"] == "5 of 5 runs"


def test_without_the_method_that_makes_a_run_the_mask_is_an_error_at_import(monkeypatch):
    from litellm.integrations.langsmith import LangsmithLogger

    monkeypatch.delattr(LangsmithLogger, "_prepare_log_data")
    monkeypatch.delitem(sys.modules, "proxy.masking", raising=False)
    with pytest.raises(AttributeError, match="_prepare_log_data"):
        import proxy.masking  # noqa: F401
