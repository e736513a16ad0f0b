"""The pages of the local LangSmith in a browser: a heading, no complaint, no grave fault."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from helpers import session, traces
from tests.browser.axe import faults


@pytest.fixture(scope="module")
def trace(page: Any, complaints: list[str]) -> Iterator[Any]:
    """A trace of a session that runs here, whose pages the browser may open."""
    import langsmith

    @langsmith.traceable
    def define(term: str) -> str:
        return f"{term}<b id=bad>"

    with session.start("replay") as running:
        os.environ["LANGSMITH_TRACING"] = "true"
        define("HTTP")
        shown = traces.show(timeout=10)
        page.goto(running.page)
        yield shown
    os.environ.pop("LANGSMITH_TRACING", None)


def test_the_first_page_lists_the_project(page: Any, trace: Any):
    page.goto(session.current().page)
    assert page.locator("h1").count() == 1
    assert trace.project in page.locator("body").inner_text()


def test_a_trace_has_a_page_and_its_text_is_no_markup(page: Any, trace: Any):
    page.goto(trace.url)
    assert page.locator("h1").count() == 1 and page.locator("#bad").count() == 0
    assert "HTTP<b id=bad>" in page.locator("body").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_grave_fault_on_any_page(page: Any, trace: Any, scheme: str, width: int):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    found = {}
    for url in (session.current().page, trace.url):
        page.goto(url)
        found |= {url: each} if (each := faults(page, "body")) else {}
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert found == {}


def test_the_pages_complain_of_nothing(complaints: list[str]):
    assert complaints == []
