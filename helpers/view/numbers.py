"""Seconds, tokens, money and other numbers as people write them: one rule for every view.

The explorer's script writes them alike (``helpers/view/explorer/explorer.js``).
"""

from __future__ import annotations

import math
import re

__all__ = ["counted", "dollars", "number", "seconds", "without_exponents"]

LEAST = 0.000001  # dollars that are told
# In JSON: a string, which stays as it is, or a number that nobody writes so.
ODD = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?[eE][-+]?\d+|-?\d+\.\d{13,}')


def seconds(value: float) -> str:
    """Return a duration as ``1.20 s``, never less than none.

    It is the one form that ``tests/nbval_sanitize.cfg`` knows.
    """
    return f"{max(value, 0.0):.2f} s"


def dollars(value: float) -> str:
    """Return US dollars with two decimals, and up to six where they tell something."""
    if 0 < value < LEAST:
        return "<$0.000001"
    sign = "-" if value <= -LEAST else ""
    whole, fraction = f"{abs(value):,.6f}".split(".")
    return f"{sign}${whole}.{fraction.rstrip('0').ljust(2, '0')}"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, such as ``1 token`` or ``1,058 tokens``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def number(value: float) -> str:
    """Return a number without an exponent and without the noise of its last binary digits.

    Twelve digits count; JSON takes what is returned as the number that it is. One that would be
    longer than 40 characters keeps its exponent.
    """
    if not math.isfinite(value):
        return str(value)
    short = f"{value:.12g}"
    digits = max(0, 12 - math.floor(math.log10(abs(value))) - 1) if value else 0
    plain = f"{float(short):.{digits}f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return plain if len(plain) <= 40 else short


def without_exponents(json: str) -> str:
    """Return ``json`` with its odd numbers as ``number`` writes them, and its strings as they are.

    ``2.0249999999999998e-05`` becomes ``0.00002025``.
    """
    return ODD.sub(_written, json)


def _written(found: re.Match[str]) -> str:
    text = found[0]
    return text if text[0] == '"' else number(float(text))
