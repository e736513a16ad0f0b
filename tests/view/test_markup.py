"""helpers.view.markup: text as HTML that shows it as it is."""

from __future__ import annotations

import pytest

from helpers.view.markup import escaped, mark, marked, muted


def test_markup_and_formulas_are_only_text():
    assert escaped('<b> & "$x$"') == ("&lt;b&gt; &amp; &quot;<span>$</span>x<span>$</span>&quot;")
    assert escaped("\\(y\\)") == "<span>\\</span>(y<span>\\</span>)"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("run `c` again", "run <code>c</code> again"),
        ("a ` b", "a ` b"),
        ("`<`", "<code>&lt;</code>"),
    ],
)
def test_what_stands_between_backticks_is_code(line: str, shown: str):
    assert marked(line) == shown


def test_looks_leave_the_words():
    assert ">a</span>" in muted("a") and ">✗ error</span>" in mark("✗ error")
