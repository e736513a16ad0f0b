"""helpers.view.chart: numbers with bars, in text and HTML alike."""

from __future__ import annotations

import re

from helpers.view import chart
from tests.view.test_html import KEPT_STYLES, Page

KEPT = {"by the variable": {0: 0, 0.25: 50, 1: 50}, "by the call": {0: 0, 0.25: 13, 1: 50}}


def test_the_text_has_the_numbers_and_a_bar_beside_each():
    assert str(chart(KEPT, by="rate", most=50)) == (
        "rate  by the variable          by the call\n"
        "────  ───────────────────────  ───────────────────────\n"
        "   0   0                        0\n"
        "0.25  50 ████████████████████  13 █████\n"
        "   1  50 ████████████████████  50 ████████████████████"
    )


def test_the_html_has_the_same_numbers_and_bars_of_the_same_lengths():
    drawn = chart(KEPT, by="rate", most=50).html()
    assert re.findall(r"width:(\d+)px;background", drawn) == ["0", "0", "160", "42", "160", "160"]
    words = re.sub(r"<[^>]+>", " ", drawn).split()
    assert words == "rate by the variable by the call 0 0 0 0.25 50 13 1 50 50".split()


def test_the_html_is_kept_by_an_untrusted_notebook():
    page = Page(chart(KEPT, by="rate").html())
    assert page.styles <= KEPT_STYLES and page.attributes == {"style"}


def test_the_longest_bar_is_the_largest_number_unless_more_is_said():
    assert "█" * 20 in str(chart({"a": {"x": 2, "y": 1}}, by="n"))
    assert "█" * 11 not in str(chart({"a": {"x": 2, "y": 1}}, by="n", most=4))


def test_what_a_series_lacks_and_what_is_no_share_have_no_bar():
    lines = str(chart({"a": {"x": 1}, "b": {"y": -1}}, by="n")).splitlines()[2:]
    assert lines == ["x  1 ████████████████████", "y                          -1"]
    assert "█" not in str(chart({"a": {"x": 0}}, by="n"))


def test_names_and_labels_are_only_text():
    shown = chart({"<b>$a$": {"<i>\n\u202e": 1}}, by="<u>")
    assert "<b>" not in shown.html() and "<i>" not in shown.html() and "\u202e" not in str(shown)
