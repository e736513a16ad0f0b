"""Every colour can be seen in each theme: contrasts are computed (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from helpers.doctor.report import Check, Report, Status, lines
from helpers.exercises.verdict import Note, Verdict
from helpers.view import Traces, colours, notice, table
from helpers.view.trace import Trace
from tests.contrast import Colour, contrast, rgb
from tests.view.drawing import html, run, tree

TEXT, GRAPHICS = 4.5, 3.0
# What a view may stand on, and the theme's own colour of text on it.
THEMES = {
    "JupyterLab": ("#ffffff", (0, 0, 0), 0.87),
    "JupyterLab, every second row": ("#f5f5f5", (0, 0, 0), 0.87),
    "JupyterLab dark": ("#111111", (255, 255, 255), 1.0),
    "JupyterLab dark, every second row": ("#212121", (255, 255, 255), 1.0),
    "VS Code": ("#ffffff", (0x3B, 0x3B, 0x3B), 1.0),
    "VS Code dark": ("#1e1e1e", (0xCC, 0xCC, 0xCC), 1.0),
    "GitHub dark": ("#0d1117", (0xF0, 0xF6, 0xFC), 1.0),
}
GROUNDS = [pytest.param(*theme, id=name) for name, theme in THEMES.items()]


def paled(colour: Colour, ground: Colour, opacity: float) -> Colour:
    red, green, blue = (
        opacity * c + (1 - opacity) * g for c, g in zip(colour, ground, strict=True)
    )
    return red, green, blue


def drawn() -> str:
    """One of everything that is drawn with colours of ours."""
    failed = run("f", run("m", run_type="llm"), status="error", error="no", inputs={"x": "y" * 999})
    checks = tuple(Check(each, each, each, each) for each in get_args(Status))
    told = [Verdict("q1", outcome, ("line",)) for outcome in ("untried", "wrong", "right")]
    boxes = [each._repr_mimebundle_()["text/html"] for each in (*told, Note("hint"))]
    numbers = table([["a", 1]], ["name", "number"])._repr_html_()
    trace = Traces((Trace(failed), Trace(tree(), metadata=True)))._repr_mimebundle_()["text/html"]
    return "".join([trace, notice("a\n- b"), numbers, Report(checks).html(), lines(checks), *boxes])


def test_the_contrasts_are_those_of_the_standard():
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21)
    assert contrast(rgb("#777777"), rgb("#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("ground", "ink", "opacity"), GROUNDS)
def test_muted_text_can_be_read(ground: str, ink: Colour, opacity: float):
    shown = paled(ink, rgb(ground), opacity * colours.MUTED)
    assert contrast(shown, rgb(ground)) >= TEXT


@pytest.mark.parametrize(("ground", "ink", "opacity"), GROUNDS)
def test_bars_marks_and_lines_can_be_seen(ground: str, ink: Colour, opacity: float):
    for colour in (colours.MODEL, colours.REST, colours.LINE, *colours.MARKS.values()):
        assert contrast(rgb(colour), rgb(ground)) >= GRAPHICS, colour


def test_text_on_a_mark_can_be_read():
    for colour in colours.MARKS.values():
        assert contrast(rgb(colours.ON_MARK), rgb(colour)) >= TEXT, colour


def test_no_view_has_a_colour_that_is_not_among_those():
    known = {colours.MODEL, colours.REST, colours.LINE, colours.ON_MARK, *colours.MARKS.values()}
    used = re.findall(r"#[0-9a-fA-F]{3,8}\b|(?:rgb|hsl)a?\([^)]*\)", drawn())
    assert set(used) == known
    named = re.findall(r"(?:^|[;\"])(?:background-)?color:([^;\"]+)", drawn())
    assert {each for each in named if not each.startswith("#")} == set()
    assert set(re.findall(r"opacity:([\d.]+)", drawn())) == {str(colours.MUTED)}


def test_every_status_of_a_check_has_a_colour():
    assert set(colours.MARKS) == set(get_args(Status))


def test_a_failed_run_is_drawn_in_the_colour_of_errors_and_no_other_is():
    failed = html(run("a", status="error", error="ValueError('x')"))
    assert colours.ERROR in failed
    assert colours.ERROR not in html(run("a"))


def test_no_colour_is_all_that_tells():
    words = re.sub("<[^>]+>", "", drawn())
    assert "✗ error" in words and "in the model" in words
    assert all(sign in words for sign in "✓·!✗")
