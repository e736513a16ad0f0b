"""The grammar of the filter language: a text becomes nested calls."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, cast

from helpers.errors import TutorialError
from helpers.serving.bounds import FILTER_CALLS, FILTER_DEPTH

__all__ = ["Call", "Fault", "List", "Token", "parse"]

GRAMMAR = r"""
start: call
call: NAME "(" value ("," value)* ")"
?value: call | list | NAME -> name | STRING -> text | NUMBER -> number
list: "[" [value ("," value)*] "]"
NAME: /[A-Za-z_][A-Za-z0-9_]*/
STRING: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/s
NUMBER: /[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?/
%ignore /\s+/
"""

TERMINALS = {
    "NAME": "a name",
    "STRING": "a quoted text",
    "NUMBER": "a number",
    "LPAR": '"("',
    "RPAR": '")"',
    "COMMA": '","',
    "LSQB": '"["',
    "RSQB": '"]"',
    "$END": "the end of the filter",
}


@dataclasses.dataclass(frozen=True)
class Token:
    """A word of the filter as written, its form (a key of ``FORMS``) and its place (from 1)."""

    text: str
    type: str
    line: int
    column: int

    def __str__(self) -> str:
        return self.text


class Fault(TutorialError):
    """What is wrong with a filter, and the token at which it shows."""

    def __init__(self, message: str, token: Any) -> None:
        super().__init__(message)
        self.token = token


@dataclasses.dataclass(frozen=True)
class Call:
    """A call with its arguments; its depth and how many calls it holds, itself included."""

    name: Token
    args: tuple[Any, ...]
    depth: int
    calls: int


@dataclasses.dataclass(frozen=True)
class List:
    """A list in brackets."""

    items: tuple[Any, ...]


def _call(children: list[Any]) -> Call:
    name, *args = children
    token = _token([name])
    inner = [arg for arg in args if isinstance(arg, Call)]
    depth = 1 + max((call.depth for call in inner), default=0)
    calls = 1 + sum(call.calls for call in inner)
    if depth > FILTER_DEPTH:
        raise Fault(f"The filter nests deeper than {FILTER_DEPTH} calls.", token)
    if calls > FILTER_CALLS:
        raise Fault(f"The filter has more than {FILTER_CALLS} calls.", token)
    return Call(token, tuple(args), depth, calls)


def _token(children: list[Any]) -> Token:
    token = children[0]
    return Token(str(token), token.type, token.line, token.column)


@functools.cache
def _parser() -> Callable[[str], Call]:
    # Imported here, since lark takes longer to import than the whole service to start.
    from lark import Lark, Transformer

    class Builder(Transformer[Any, Call]):
        start = staticmethod(lambda children: children[0])
        call = staticmethod(_call)
        list = staticmethod(lambda children: List(tuple(children)))
        name = text = number = staticmethod(_token)

    lark = Lark(GRAMMAR, parser="lalr", transformer=Builder(), maybe_placeholders=False)
    # Typed as a tree, which the builder has made a call.
    return lambda text: cast("Call", lark.parse(text))


def parse(text: str) -> Call:
    """Return the outermost call of a filter; raise ``Fault`` where it cannot be read."""
    from lark.exceptions import UnexpectedInput

    try:
        return _parser()(text)
    except UnexpectedInput as error:
        raise _unexpected(text, error) from error


def _unexpected(text: str, error: Any) -> Fault:
    """Say what stands where something else was expected; ``error`` is lark's UnexpectedInput."""
    token = getattr(error, "token", None)
    expected = getattr(error, "accepts", None) or getattr(error, "expected", None)
    expected = expected or getattr(error, "allowed", None) or ()
    wanted = " or ".join(sorted(TERMINALS.get(name, name) for name in expected))
    if token is not None and token.type == "$END":
        place = text.count("\n") + 1, len(text) - text.rfind("\n")
        return Fault(f"The filter ends where {wanted} was expected.", Token("", "$END", *place))
    found = str(token) if token is not None else text[error.pos_in_stream]
    message = f"Found {found} where {wanted} was expected."
    if found in ("'", '"'):
        message = "This quote is not closed."
    return Fault(message, Token(found, "", error.line, error.column))
