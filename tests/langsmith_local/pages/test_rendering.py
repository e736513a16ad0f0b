from __future__ import annotations

import re

import pytest

from helpers.langsmith_local.pages import rendering
from tests.contrast import contrast

CSS = rendering.stylesheet().decode()
TEXTS = ("text", "muted", "link", "error", "ok", "pending")  # 4.5 to 1
GRAPHICS = ("edge", "llm", "tool", "retriever", "chain", "error", "pending", "link")  # 3 to 1
ON = {
    "ground": TEXTS,
    "raised": TEXTS,
    "chosen": ("text", "muted", "link", "error", "pending"),
    "error-ground": ("error",),
    "mark": ("on-mark",),
}


def palettes(css: str) -> dict[str, dict[str, str]]:
    """Return the colours of the two ``:root`` blocks, by the theme and their name."""
    light, dark = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    return {
        theme: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for theme, block in (("light", light), ("dark", dark))
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_and_bars_can_be_read_by_weak_eyes(theme: str) -> None:
    colours = palettes(CSS)[theme]
    pairs = [(on, name, 4.5) for on, names in ON.items() for name in names]
    pairs += [(on, name, 3.0) for on in ("ground", "raised") for name in GRAPHICS]
    weak = {
        f"{name} on {on}": round(ratio, 2)
        for on, name, least in pairs
        if (ratio := contrast(colours[name], colours[on])) < least
    }
    assert weak == {}


def test_the_contrast_is_that_of_the_definition() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_both_themes_have_the_same_colours_and_no_colour_stands_elsewhere() -> None:
    light, dark = palettes(CSS).values()
    assert set(light) == set(dark)
    assert len(re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(", CSS)) == 2 * len(light)
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) - {"bar"} == set(light)


def test_a_stylesheet_loads_nothing() -> None:
    assert not re.search(r"url\(|@import|https?:", CSS)


def test_a_value_is_written_as_text_without_controls() -> None:
    page = rendering.rendered(
        "missing.html", links=_Links(), title="<b>\u202e", why="a\x00\x1b[31m</pre>"
    )
    assert b"<h1>&lt;b&gt;\\u202e</h1>" in page
    assert b"a\\u0000\\u001b[31m&lt;/pre&gt;" in page


def test_a_name_that_a_page_is_not_given_is_an_error() -> None:
    with pytest.raises(Exception, match="'why' is undefined"):
        rendering.rendered("missing.html", links=_Links(), title="x")


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 byte"), (999, "999 bytes"), (65_000, "65 kB"), (10_000_000, "10.0 MB")],
)
def test_a_size_is_written_for_people(count: int, words: str) -> None:
    assert rendering.size(count) == words


def test_a_time_is_written_in_utc_to_the_second() -> None:
    assert rendering.clock(1_767_225_600_500_000) == "2026-01-01 00:00:00"


class _Links:
    style, top = "style.css", "./"
