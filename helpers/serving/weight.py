"""How much memory a body takes once it is read, estimated without reading it.

An empty list is two bytes of JSON and seventy of memory; a text of a million letters takes four
million bytes when one of them is an emoji. So a body is weighed first, by counting.
"""

from __future__ import annotations

import re

__all__ = ["light", "most", "weight"]

# Measured with CPython 3.11 and orjson 3.13, in bytes; none of them is far above what it costs.
_COSTS = {ord(","): 40, ord('"'): 20, ord("["): 60, ord("{"): 160}
_OTHERS = bytes(set(range(256)) - set(_COSTS))
_WIDEST = 6  # of a letter: four in its text, and on the way to the database half of it again
_STEP = 64 * 1024
_WIDE = re.compile(rb"[\xf0-\xf4]")  # starts a character that makes its text four bytes a letter
_BROAD = re.compile(rb"[\xc4-\xef]")  # likewise two


def light(content: bytes, bound: int, *, copies: int = 1) -> bool:
    """Whether the values of this content, and ``copies`` of its text, are within ``bound`` bytes.

    It takes the fewest looks that decide it. ``content`` may be several pieces of JSON.
    """
    if len(content) * most(copies) <= bound:
        return True
    return len(content) * copies * _letter(content) + _most(content) <= bound


def most(copies: int) -> int:
    """Return how many bytes of memory a byte of JSON takes at most, with these copies of texts."""
    return _WIDEST * copies + max(_COSTS.values())


def weight(content: bytes, *, copies: int = 1) -> int:
    """Return about how many bytes the values of one piece of JSON take.

    What stands in texts is not counted for structure: code in a prompt has many braces.
    """
    text = len(content) * copies * _letter(content)
    return text + min(_most(content), _outside_texts(content))


def _letter(content: bytes) -> int:
    if content.isascii():
        return 1
    if _WIDE.search(content):
        return _WIDEST
    return 3 if _BROAD.search(content) else 1


def _most(content: bytes) -> int:
    return sum(cost * content.count(bytes((byte,))) for byte, cost in _COSTS.items())


def _outside_texts(content: bytes) -> int:
    """Return the cost of the structure, read in steps so that counting takes no memory itself."""
    marks = content.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _OTHERS)
    total, inside = 0, 0
    for at in range(0, len(marks), _STEP):
        pieces = marks[at : at + _STEP].split(b'"')
        total += _most(b"".join(pieces[inside::2])) + _COSTS[ord('"')] * (len(pieces) - 1)
        inside = (inside + len(pieces) - 1) % 2
    return total
