"""The literals of a filter, as values that a column holds, and their comparison with it."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Literal

import orjson

from helpers.langsmith_local.filtering.syntax import Fault, List, Token
from helpers.langsmith_local.ids import uuid_text
from helpers.langsmith_local.index import MAX_LENGTH
from helpers.langsmith_local.times import microseconds
from helpers.langsmith_local.values import json_text, told
from helpers.serving.bounds import EARLIEST_YEAR, FILTER_CALLS, GREATEST_INTEGER, LATEST_YEAR

__all__ = ["SYMBOLS", "Kind", "compared", "plain", "stored"]

Kind = Literal["text", "uuid", "number", "boolean", "time", "duration", "any", "json"]

SYMBOLS = {"eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
CONSTANTS = {"true": True, "false": False, "null": None}
UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def plain(token: Any) -> Any:
    """Return the Python value of a token; a bare name is true, false or null."""
    if not isinstance(token, Token):
        raise Fault("A list cannot stand here.", None)
    text = token.text
    if token.type == "STRING":
        return _string(token)
    if token.type == "NUMBER":
        found = int(text) if re.fullmatch(r"[-+]?\d{1,20}", text) else float(text)
        if math.isinf(found):
            raise Fault(f"{told(text)} is beyond the greatest number, 1.797e308.", token)
        return found
    if text in CONSTANTS:
        return CONSTANTS[text]
    raise Fault(
        f'{token} is neither a number nor true, false or null; a text stands in quotes: "{token}".',
        token,
    )


def _string(token: Token) -> str:
    text = re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescaped, token.text[1:-1], flags=re.S)
    try:
        # A character above U+FFFF is escaped as two halves.
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise Fault("The text has half of a surrogate pair.", token) from None


def _unescaped(match: re.Match[str]) -> str:
    escaped = match[1]
    # Escapes are those of JSON, so that json.dumps makes a text of the language.
    return chr(int(escaped[1:], 16)) if len(escaped) > 1 else ESCAPES.get(escaped, escaped)


def _literal(token: Any, kind: Kind) -> tuple[Any, ...]:
    """Return the forms in which a column of ``kind`` may hold the token's value (mostly one)."""
    value = plain(token)
    try:
        return _READERS[kind](value)
    except (ValueError, TypeError, OverflowError):
        raise Fault(f"{token} is not {_WANTED[kind]}.", token) from None


def compared(
    column: str, op: str, value: Any, kind: Kind, where: Token
) -> tuple[str, tuple[Any, ...]]:
    """Return SQL for one comparison of a column; null is a value like others for (n)eq."""
    if op == "in":
        if not isinstance(value, List):
            raise Fault('in(...) takes a list, for example in(name, ["a", "b"]).', where)
        # One parameter for them all: SQLite takes 32,766.
        params = ([one for item in value.items for one in _literal(item, kind)],)
        return f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(*params),)
    if isinstance(value, List):
        raise Fault(f"{op}(...) takes one value; in(...) takes a list.", where)
    if plain(value) is None and kind not in ("any", "json"):
        if op not in ("eq", "neq"):
            raise Fault(f"{op}(...) cannot compare with null; eq and neq can.", value)
        return f"{column} IS {'NOT ' if op == 'neq' else ''}NULL", ()
    params = _literal(value, kind)
    if op in ("eq", "neq"):
        if len(params) > 1:
            inside = f"{column} IN ({', '.join('?' * len(params))})"
            return (inside if op == "eq" else f"NOT {inside}"), params
        return f"{column} {'=' if op == 'eq' else 'IS NOT'} ?", params
    if kind == "boolean":
        raise Fault(f"{op}(...) cannot order true and false; eq and neq can.", where)
    if kind == "any" and isinstance(plain(value), (int, float)):
        number = f"CAST({column} AS REAL) {SYMBOLS[op]} ?"
        return f"({column} GLOB '[-0-9]*' AND {number})", _number(plain(value))
    return f"{column} {SYMBOLS[op]} ?", params[:1]


def stored(token: Any) -> list[tuple[str, str]]:
    """Return the pairs of a JSON object written in a filter, as ``run_metadata`` holds them."""
    try:
        pairs = orjson.loads(plain(token))
        if not isinstance(pairs, dict) or not pairs:
            raise ValueError
    except (ValueError, TypeError):
        raise Fault(
            'has(metadata, ...) takes a JSON object in quotes: \'{"key": "value"}\'.', token
        ) from None
    if len(pairs) > FILTER_CALLS:
        raise Fault(f"has(metadata, ...) takes at most {FILTER_CALLS} pairs.", token)
    try:
        return [(key, _any(value)[0]) for key, value in pairs.items()]
    except ValueError as error:
        raise Fault(f"has(metadata, ...): a value {error}.", token) from None


def _time(value: Any) -> tuple[int]:
    return (microseconds(_text(value)[0].strip()),)


def _text(value: Any) -> tuple[str]:
    if not isinstance(value, str):
        raise TypeError(value)
    return (value,)


def _uuid(value: Any) -> tuple[str]:
    return (uuid_text(_text(value)[0]),)


def _number(value: Any) -> tuple[float]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(value)
    return (value if abs(value) <= GREATEST_INTEGER else float(value),)


def _boolean(value: Any) -> tuple[int]:
    if not isinstance(value, bool):
        raise TypeError(value)
    return (int(value),)


def _duration(value: Any) -> tuple[float]:
    if not isinstance(value, str):
        return _number(value)
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(ms|s|m|h|d|)\s*", value)
    if match is None:
        raise ValueError(value)
    seconds = float(match[1]) * UNITS[match[2]]
    if math.isinf(seconds):
        raise ValueError(value)
    return (seconds,)


def _any(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value[:MAX_LENGTH],)  # as much as is stored to compare with
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value):
        return (str(int(value)), f"{int(value)}.0")
    return (json_text(value),)


def _json(value: Any) -> tuple[str, ...]:
    return (json.dumps(value, ensure_ascii=False),)


_READERS = {
    "text": _text,
    "uuid": _uuid,
    "number": _number,
    "boolean": _boolean,
    "time": _time,
    "duration": _duration,
    "any": _any,
    "json": _json,
}
_WANTED = {
    "text": "a text; write it in quotes",
    "uuid": "a UUID in quotes",
    "number": "a number; write it without quotes",
    "boolean": "true or false",
    "time": f'a time of {EARLIEST_YEAR} to {LATEST_YEAR} such as "2026-01-31T12:00:00Z"',
    "duration": 'a duration: seconds as a number, or a text such as "5s" or "500ms"',
    "any": "a text, a number, true, false or null",
    "json": "a text, a number, true, false or null",
}
