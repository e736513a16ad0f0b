"""The contrast of two colours, as WCAG 2.2 defines it."""

from __future__ import annotations

__all__ = ["Colour", "contrast", "rgb"]

Colour = tuple[float, float, float]  # red, green and blue, 0 to 255 each


def rgb(hexadecimal: str) -> Colour:
    """Return a colour like ``#rrggbb``."""
    red, green, blue = (int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue


def contrast(one: Colour | str, other: Colour | str) -> float:
    """Return the contrast ratio of two colours: 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour | str) -> float:
    shares = (value / 255 for value in (rgb(colour) if isinstance(colour, str) else colour))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
