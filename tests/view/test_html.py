from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from helpers import view
from helpers.traces import Run
from tests.view.drawing import html, run, text, tree

ALLOWED_TAGS = {"div", "details", "summary", "span", "ul", "li", "b", "i"}


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
    page = Page(html(tree()))
    assert set(page.tags) <= ALLOWED_TAGS and page.open == []
    assert page.attributes == {"style", "open"}
    assert not page.styles & {"position", "display-inside"} and "var(" not in html(tree())


def test_the_html_reads_without_styles():
    words = Page(html(tree())).words
    assert "answer \N{NO-BREAK SPACE}llm · ok · 1.00 s · 1 token" in words
    assert "✗ ValueError: no" in words and "wait \N{NO-BREAK SPACE}chain · … pending" in words


def test_bars_share_one_time_axis():
    bars = re.findall(r"margin-left:[\d.]+%;width:[\d.]+%", html(tree()))
    assert bars == [
        "margin-left:0.0%;width:100.0%",
        "margin-left:0.0%;width:100.0%",
        "margin-left:50.0%;width:25.0%",
        "margin-left:90.0%;width:10.0%",
    ]


@pytest.mark.parametrize("hostile", ["</details><script>alert(1)</script>", "<img src=x>", '" a="'])
def test_text_from_a_model_or_a_user_is_only_text(hostile: str):
    root = run(
        hostile, inputs={hostile: hostile}, outputs={"choices": [{"message": {"role": hostile}}]},
        tags=(hostile,), metadata={hostile: hostile}, feedback={hostile: {"avg": 1}},
        run_type=hostile, status="error", error=hostile,
    )  # fmt: skip
    page = Page(html(root, note=hostile, metadata=True) + view.notice(hostile + "\n- " + hostile))
    assert set(page.tags) <= ALLOWED_TAGS and page.attributes == {"style", "open"}
    assert page.open == []


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
    assert Page(drawn).open == []


def test_a_deep_trace_is_cut_and_says_how_many_runs_are_beneath():
    root = run("leaf")
    for _ in range(3000):
        root = run("f", root)
    assert "… 2,970 more runs" in text(root) and "… 2,970 more runs" in html(root)
