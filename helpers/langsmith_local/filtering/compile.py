"""LangSmith's run filter language, compiled to SQL over the tables of ``schema``.

The language is the one of https://docs.langchain.com/langsmith/trace-query-syntax: nested calls
such as ``and(eq(run_type, "llm"), gt(latency, "5s"))``. Every literal becomes a parameter; names
of columns come from the tables of ``fields`` and never from the text.
"""

from __future__ import annotations

from helpers.errors import TutorialError
from helpers.langsmith_local.filtering.condition import Condition
from helpers.langsmith_local.filtering.functions import condition_of
from helpers.langsmith_local.filtering.syntax import Fault, Token, parse
from helpers.serving.bounds import FILTER_CHARACTERS

__all__ = ["FilterError", "compile_filter"]


class FilterError(TutorialError):
    """A filter that cannot be read; ``line`` and ``column`` (from 1) say where it goes wrong."""

    def __init__(self, message: str, *, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def compile_filter(text: str, *, run: str = "r") -> Condition:
    """Compile a filter expression to a condition on the table alias ``run``.

    Key and value comparisons that stand in one ``and`` speak of one metadata, input, output or
    feedback entry; where a key is compared again, the next entry begins. ``neq`` on a key means
    that no entry has it. Raises ``FilterError`` for anything the language does not have.
    """
    if len(text) > FILTER_CHARACTERS:
        raise FilterError(
            f"The filter has {len(text)} characters; at most {FILTER_CHARACTERS} are read. "
            "Split it into several queries."
        )
    try:
        return condition_of(parse(text), run)
    except Fault as error:
        raise _located(text, error) from error


def _located(text: str, fault: Fault) -> FilterError:
    token = fault.token
    place = (token.line, token.column) if isinstance(token, Token) else (1, 1)
    return _error(text, str(fault), *place)


def _error(text: str, message: str, line: int, column: int) -> FilterError:
    shown = (text.splitlines() or [""])[min(line, text.count("\n") + 1) - 1 :][:1] or [""]
    begin = max(0, column - 41)
    excerpt = shown[0][begin : begin + 80]
    caret = " " * (column - 1 - begin) + "^"
    return FilterError(
        f"Filter, line {line}, column {column}: {message}\n  {excerpt}\n  {caret}",
        line=line,
        column=column,
    )
