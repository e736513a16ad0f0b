"""The contrast of two colours, as WCAG 2.2 defines it, and the colours of a stylesheet."""

from __future__ import annotations

import re

__all__ = ["contrast", "palettes"]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours like ``#rrggbb``: 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def palettes(css: str) -> dict[str, dict[str, str]]:
    """Return the colours of the two ``:root`` blocks, by the theme and their name."""
    light, dark = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    return {
        theme: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for theme, block in (("light", light), ("dark", dark))
    }
