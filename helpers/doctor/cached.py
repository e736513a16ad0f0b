"""Read what an lru_cache holds without asking it, so that looking changes nothing."""

from __future__ import annotations

import gc
from typing import Any

__all__ = ["arguments", "contents"]


def contents(function: Any) -> dict[Any, Any] | None:
    """Return ``{key: result}`` of a function behind ``functools.lru_cache``.

    Calling the function would not do: a miss stores today's value and freezes it, and a hit moves
    its entry. There is no public way to list the entries, but CPython's cache tells the garbage
    collector, link by link, first the key and then the result, and after the links the dictionary
    of keys (``lru_cache_tp_traverse`` in Modules/_functoolsmodule.c). The count is checked against
    ``cache_info()``. None when the entries cannot be seen, as in another Python than CPython.
    """
    try:
        size = function.cache_info().currsize
    except AttributeError:
        return None
    if size == 0:
        return {}
    told = gc.get_referents(function)
    keys = next((set(map(id, each)) for each in told if _is_index(each)), set())
    found: dict[Any, Any] = {}
    waiting = iter(told)
    for each in waiting:
        if id(each) in keys:
            found[each] = next(waiting, None)
        elif _is_index(each):
            break
    return found if len(found) == size else None


def arguments(key: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the positional and keyword arguments that an lru_cache's key stands for."""
    if not isinstance(key, tuple):
        return (key,), {}  # a lone str or int is its own key
    mark = next((at for at, part in enumerate(key) if type(part) is object), len(key))
    named = key[mark + 1 :]
    return key[:mark], dict(zip(named[::2], named[1::2], strict=False))


def _is_index(value: Any) -> bool:
    """Whether ``value`` is the cache's own dictionary, of keys to links."""
    if type(value) is not dict or not value:
        return False
    return type(next(iter(value.values()))).__name__ == "_lru_list_elem"
