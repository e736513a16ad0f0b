from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from helpers import view
from helpers.traces import Run
from helpers.view.html import PRINTED
from tests.view.drawing import ASK, html, run, text, tree

ALLOWED_TAGS = {"div", "details", "summary", "span", "ul", "li", "b", "i", "a"}
ATTRIBUTES = {"style", "open", "class"}
# Of JupyterLab 4.6.6's list (apputils, sanitizer.ts), those that we may want.
KEPT_STYLES = {
    *("background-color", "border", "border-left", "border-radius", "border-top", "color"),
    *("cursor", "display", "float", "font-size", "height", "line-height", "list-style-type"),
    *("margin", "margin-left", "margin-right", "min-width", "opacity", "overflow-wrap"),
    *("padding", "padding-bottom", "padding-left", "padding-top", "text-align", "vertical-align"),
    *("white-space", "width"),
}


class Page(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.styles: set[str] = set()
        self.open: list[str] = []
        self.words = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes |= {key for key, _ in attrs}
        style = dict(attrs).get("style") or ""
        self.styles |= {part.split(":")[0] for part in style.split(";")} - {""}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_html_has_only_what_an_untrusted_notebook_keeps():
    drawn = html(tree(), link="https://smith.langchain.com/r", metadata=True)
    page = Page(drawn.replace(PRINTED, ""))
    assert set(page.tags) <= ALLOWED_TAGS and page.open == []
    assert page.attributes == ATTRIBUTES | {"href", "target", "rel"}
    assert page.styles <= KEPT_STYLES and "var(" not in drawn


def test_the_one_style_element_is_for_paper():
    drawn = html(tree())
    assert drawn.count("<style") == 1 and drawn.startswith(PRINTED)
    assert PRINTED.startswith("<style>@media print{") and 'class="trace"' in drawn


def test_the_html_reads_without_styles():
    words = Page(html(tree()).replace(PRINTED, "")).words
    assert "answer \N{NO-BREAK SPACE}llm · ok · 1.00 s · 1 token" in words
    assert "wait \N{NO-BREAK SPACE}chain · … pending" in words
    assert (
        "check \N{NO-BREAK SPACE}chain · ✗ error · 0.25 s✗ \N{NO-BREAK SPACE}ValueError: no"
        in words
    )


def test_bars_share_one_time_axis():
    bars = re.findall(r"margin-left:[\d.]+%;width:[\d.]+%", html(tree()))
    assert bars == [
        "margin-left:0.0%;width:100.0%",
        "margin-left:0.0%;width:100.0%",
        "margin-left:50.0%;width:25.0%",
        "margin-left:90.0%;width:10.0%",
    ]
    assert "0 s –" in html(tree())


def test_a_run_that_is_alone_has_neither_bar_nor_scale():
    assert "float" not in html(run("f", inputs={"a": 1}))


def test_the_scale_stands_at_the_first_row_that_is_no_error():
    failed = {"status": "error", "error": "no"}
    for more in ({"inputs": {"a": 1}}, {}, {**failed, "inputs": {"a": 1}}, failed):
        items = html(run("f", run("child"), **more)).split("<li>")[1:]
        first = next(item for item in items if "0 s –" in item)
        assert items.index(first) == ("error" in more)
        assert sum("0 s –" in item for item in items) == 1


def test_a_link_opens_the_trace():
    address = "https://smith.langchain.com/o/1/r/2?a=1&b=2"
    drawn = html(run("f", run("child")), link=address)
    assert drawn.count("<a ") == 1 and address.replace("&", "&amp;") in drawn
    assert 'href="/user/ada/proxy/80/r"' in html(run("f"), link="/user/ada/proxy/80/r")
    assert "<a" not in html(run("f")) and address not in text(run("f"), link=address)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "", 'ftp://"x'])
def test_an_address_that_is_none_of_the_web_is_no_link(url: str):
    assert "<a" not in html(run("f"), link=url) + html(run("f"), url="https://x")


def test_dollars_and_backslashes_cannot_start_a_formula():
    drawn = html(run("f", inputs={"a": "$x^2$ and \\(y\\)"}, total_cost=1))
    assert not re.search(r"(?<!<span>)[$\\]|[$\\](?!</span>)", drawn)


def test_code_in_a_notice_is_marked_as_code():
    assert view.notice("None.\n- `a < $b`: run `c` again.") == (
        "<div><b>None.</b><ul><li><code>a &lt; <span>$</span>b</code>: run <code>c</code> again."
        "</li></ul></div>"
    )


@pytest.mark.parametrize("line", ["a lone ` mark", "``", "two\n- `lines\n- here`"])
def test_a_backtick_without_a_partner_on_its_line_stays(line: str):
    assert "<code>" not in view.notice(line) and "`" in view.notice(line)


def test_a_value_that_fits_is_shown_at_once_and_a_long_one_folded():
    assert html(run("f", inputs={"a": 1})).count("<details") == 1
    assert html(run("f", inputs={"a": "x" * 900})).count("<details") == 2


def test_a_message_is_shown_with_all_that_is_beside_it_and_nothing_to_open():
    asked = {**ASK, "temperature": 0, "id": "x", "created": 1}
    drawn = html(run("f", inputs=asked))
    assert drawn.count("<details") == 1
    assert "model: &quot;m&quot;, temperature: 0, … 2 more fields" in drawn


@pytest.mark.parametrize(
    "root",
    [
        run("f", *(run(f"c{i}", inputs={"a": "<$" * 500}) for i in range(1000))),
        run("f", inputs={"text": "<" * 1_000_000}, outputs={"list": ["$"] * 200_000}),
        run("f", outputs={f"k{i}": "\\" * 1000 for i in range(5000)}),
    ],
    ids=["many runs", "a large value", "many keys"],
)
def test_what_is_drawn_is_bounded(root: Run):
    drawn = html(root)
    assert len(drawn) < 1_500_000 and len(text(root)) < 60_000
    assert re.search(r"… [\d,]+ more (runs|characters|fields)", drawn)
    assert Page(drawn.replace(PRINTED, "")).open == []


def test_a_deep_trace_is_cut_and_says_how_many_runs_are_beneath():
    root = run("leaf")
    for _ in range(3000):
        root = run("f", root)
    assert "… 2,970 more runs" in text(root) and "… 2,970 more runs" in html(root)
