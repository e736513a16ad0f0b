"""helpers.lessons.log: what libraries log is kept while it is wanted, and waited for."""

import asyncio
import logging
import threading

import pytest

from helpers.errors import TutorialError
from helpers.lessons import log

RUN = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


def handlers():
    return [logging.getLogger(name).handlers for name in ("langsmith", "LiteLLM")]


def test_the_first_line_of_what_is_logged_is_kept_without_what_differs():
    with log.keep("langsmith", "LiteLLM") as kept:
        logging.getLogger("langsmith.client").warning("gone: http://127.0.0.1:1/x\nmore")
        logging.getLogger("LiteLLM").error(f"refused {RUN} today")
        logging.getLogger("LiteLLM").info("no trouble")
    assert kept.lines == ["langsmith: gone: …", "LiteLLM: refused … today"]


def test_libraries_log_as_before_when_it_ends_or_is_stopped_twice():
    before = handlers()
    with log.keep("langsmith", "LiteLLM") as kept:
        assert handlers() != before
        kept.stop()
    assert handlers() == before


def test_a_line_that_comes_late_is_heard():
    with log.keep("LiteLLM") as kept:
        late = threading.Timer(0.1, logging.getLogger("LiteLLM").error, ["refused, at last"])
        late.start()
        assert asyncio.run(kept.heard("refused", "last")) == "LiteLLM: refused, at last"


def test_a_line_that_does_not_come_is_an_error_which_has_those_that_came(monkeypatch):
    monkeypatch.setattr(log, "SECONDS", 0)
    with log.keep("LiteLLM") as kept, pytest.raises(TutorialError, match="never was.*another"):
        logging.getLogger("LiteLLM").error("another")
        asyncio.run(kept.heard("never"))
