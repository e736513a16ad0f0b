"""Giving memory back to the system once something large is done."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable

__all__ = ["give_back"]


def give_back() -> None:
    """Return freed memory to the system, where the C library keeps it: with glibc.

    glibc takes blocks of up to 32 MB from its heap once one of them was freed, and keeps a heap
    with holes in it: after a few large bodies it holds twice what any of them took (mallopt(3),
    ``M_MMAP_THRESHOLD``). It takes some milliseconds.
    """
    if trim := _trim():
        trim(0)


@functools.cache
def _trim() -> Callable[[int], int] | None:
    try:
        found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    except (OSError, TypeError):  # Windows has no such handle
        return None
    return found
