"""Values from a path, a query string or a body; what is wrong with one is a 422 that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.requests import HTTPConnection

from helpers.langsmith_local.errors import Refusal
from helpers.langsmith_local.values import told

__all__ = ["asked_path", "checked", "listed", "one_of", "truth", "unserved", "whole_number"]

T = TypeVar("T")

MOST_DIGITS = 40
# As LangSmith's framework (FastAPI, by pydantic) reads them from a query string.
_TRUTHS = {
    **dict.fromkeys(("true", "1", "yes", "on", "t", "y"), True),
    **dict.fromkeys(("false", "0", "no", "off", "f", "n"), False),
}


def asked_path(request: HTTPConnection) -> str:
    """Return the path as it was asked for: an encoded slash in it divides nothing."""
    raw: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    return raw.decode("latin-1")


def checked(value: Any, name: str, check: Callable[[Any], T]) -> T | None:
    """Return what ``check`` makes of a value, and None of None; its ``ValueError`` is the 422."""
    try:
        return None if value is None else check(value)
    except ValueError as error:
        raise Refusal(422, f"{name}: {error}", field=name) from None


def whole_number(text: str | None, name: str, *, least: int, most: int, default: int) -> int:
    """Return a number from the query string; 422 when it is none or out of bounds."""
    if not text:
        return default
    # Python reads no number of more than 4,300 digits.
    readable = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    if not readable or not least <= int(text) <= most:
        said = f"{name}: must be a whole number from {least} to {most}"
        raise Refusal(422, said, field=name)
    return int(text)


def truth(text: str | None, name: str) -> bool | None:
    """Return true or false from the query string, None where nothing is given; 422 for the rest."""
    if not text:
        return None
    if text.lower() not in _TRUTHS:
        raise Refusal(422, f"{name}: must be true or false", field=name)
    return _TRUTHS[text.lower()]


def one_of(text: str | None, name: str, known: Iterable[str]) -> str | None:
    """Return one of the known words from the query string; 422 for another one."""
    if text and text not in known:
        raise Refusal(422, f"{name}: takes {', '.join(known)}; not {told(text)}", field=name)
    return text or None


def listed(texts: list[str], name: str, check: Callable[[Any], T]) -> list[T]:
    """Return what ``check`` makes of each value of a repeated parameter; 422 for a wrong one."""
    try:
        return [check(one) for one in texts]
    except ValueError as error:
        raise Refusal(422, f"{name}: {error}", field=name) from None


def unserved(given: Mapping[str, Any], reasons: Mapping[str, str]) -> None:
    """Refuse (422) what is given and would be ignored here; ``reasons`` say why, by name."""
    for name, why in reasons.items():
        if given.get(name) not in (None, "", False, "false", "False"):
            said = f"{name}: the local LangSmith does not serve it ({why}); leave it out"
            raise Refusal(422, said, field=name)
