"""LangSmith's run filter language, compiled to SQL over the tables of ``schema``.

The language is the one of https://docs.langchain.com/langsmith/trace-query-syntax: nested calls
such as ``and(eq(run_type, "llm"), gt(latency, "5s"))``. Every literal becomes a parameter; names
of columns come from the tables of ``fields`` and never from the text.
"""

from __future__ import annotations

import difflib
from typing import Any

from helpers.errors import TutorialError
from helpers.langsmith_local.filtering.condition import Condition, Narrowing, joined
from helpers.langsmith_local.filtering.entries import (
    ENTRY_OF,
    METADATA,
    bound,
    entry_of,
    exists,
)
from helpers.langsmith_local.filtering.fields import (
    COLUMNS,
    FIELDS,
    FUNCTIONS,
    METADATA_FIELDS,
    TAGS,
)
from helpers.langsmith_local.filtering.literals import compared, plain, stored
from helpers.langsmith_local.filtering.search import SEARCHED, search_condition
from helpers.langsmith_local.filtering.syntax import Call, Fault, List, Token, parse

__all__ = ["FilterError", "compile_filter"]

MAX_CHARACTERS = 20_000
FORMS = {"STRING": "a text", "NUMBER": "a number", "NAME": "a name"}


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
    if len(text) > MAX_CHARACTERS:
        raise FilterError(
            f"The filter has {len(text)} characters; at most {MAX_CHARACTERS} are read. "
            "Split it into several queries."
        )
    try:
        return _compile(parse(text), run)
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


def _nearest(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    return f' Did you mean "{close[0]}"?' if close else ""


def _compile(call: Call, run: str) -> Condition:
    name = str(call.name)
    if name == "and":
        return _and(_calls(call), run)
    if name == "or":
        return _or(_calls(call), run)
    if name == "search":
        return _search(call, run)
    if name == "not":
        raise Fault(
            "LangSmith's API has no not(...). Negate the comparison: neq for eq, lte for gt, "
            "gte for lt.",
            call.name,
        )
    if name not in FUNCTIONS:
        raise Fault(
            f'"{name}" is no function of the filter language, which has '
            f"{', '.join(FUNCTIONS)}.{_nearest(name, FUNCTIONS)}",
            call.name,
        )
    return _comparison(call, run)


def _calls(call: Call) -> tuple[Call, ...]:
    for arg in call.args:
        if not isinstance(arg, Call):
            raise Fault(
                f'{call.name}(...) joins comparisons such as eq(name, "x"), '
                f"not {FORMS.get(getattr(arg, 'type', ''), 'a list')}.",
                arg if isinstance(arg, Token) else call.name,
            )
    return call.args


def _and(calls: tuple[Call, ...], run: str) -> Condition:
    parts: list[Condition] = []
    grouped: dict[str, list[Call]] = {}
    for call in calls:
        entry = entry_of(call)
        if entry is None:
            parts.append(_compile(call, run))
        else:
            grouped.setdefault(entry.key, []).append(call)
    for key, members in grouped.items():
        parts.extend(bound(ENTRY_OF[key], members, run))
    return joined(parts, " AND ", tuple(one for part in parts for one in part.narrowing))


def _or(calls: tuple[Call, ...], run: str) -> Condition:
    parts = [_compile(call, run) for call in calls]
    narrowing: tuple[Narrowing, ...] = ()
    if all(part.narrowing for part in parts):
        # Any select of each arm will do for the union, as each contains all that the arm matches.
        firsts = [part.narrowing[0] for part in parts]
        sql = " UNION ".join(f"SELECT run_id FROM ({sql})" for sql, _ in firsts)
        narrowing = ((sql, tuple(one for _, params in firsts for one in params)),)
    return joined(parts, " OR ", narrowing)


def _comparison(call: Call, run: str) -> Condition:
    field, value = _operands(call)
    name, op = str(field), str(call.name)
    if name in ENTRY_OF and op != "has":
        return _and((call,), run)
    if name in METADATA_FIELDS:
        return _metadata_field(call, METADATA_FIELDS[name], run)
    if name == "tags":
        return _tags(op, field, value, run)
    if name == "metadata" and op == "has":
        return _has_metadata(value, run)
    if op == "has":
        raise Fault(f"has(...) looks into tags or metadata, not into {name}.", field)
    if name not in COLUMNS:
        raise Fault(f"{op}(...) cannot compare {name}; use search({name}, ...).", field)
    column, kind = COLUMNS[name]
    sql, params = compared(f"{run}.{column}", op, value, kind, call.name)
    return Condition(sql, params, _column_narrowing(column, op, value, params))


def _column_narrowing(
    column: str, op: str, value: Any, params: tuple[Any, ...]
) -> tuple[Narrowing, ...]:
    if column in ("id", "trace_id", "thread_id") and op in ("eq", "in") and params:
        marks = ", ".join("?" * len(params))
        return ((f"SELECT id AS run_id FROM runs WHERE {column} IN ({marks})", params),)
    if column == "error" and op == "neq" and plain(value) is None:
        return (("SELECT id AS run_id FROM runs WHERE error IS NOT NULL", ()),)
    return ()


def _operands(call: Call) -> tuple[Token, Any]:
    if len(call.args) != 2:
        raise Fault(
            f"{call.name}(...) takes a field and a value, for example "
            f'{call.name}({"tags" if str(call.name) == "has" else "name"}, "x"); '
            f"here it has {len(call.args)} argument(s).",
            call.name,
        )
    field, value = call.args
    if not isinstance(field, Token) or field.type != "NAME":
        raise Fault(
            f"The first argument of {call.name}(...) is a field, written without quotes.",
            field if isinstance(field, Token) else call.name,
        )
    _known(field)
    if isinstance(value, Call):
        raise Fault("The second argument is a value, not another call.", value.name)
    return field, value


def _known(field: Token) -> None:
    if str(field) not in FIELDS:
        raise Fault(
            f'"{field}" is no field of a run.{_nearest(str(field), FIELDS)} '
            f"The fields are {', '.join(FIELDS)}.",
            field,
        )


def _metadata_field(call: Call, key: str, run: str) -> Condition:
    _, value = _operands(call)
    sql, params = compared("e.value", str(call.name), value, "any", call.name)
    return exists(METADATA, f"e.key = ? AND {sql}", (key, *params), run, narrows=True)


def _has_metadata(value: Any, run: str) -> Condition:
    """Compile ``has(metadata, '{"key": "value"}')``: every pair of the JSON object is there."""
    parts = [
        exists(METADATA, "e.key = ? AND e.value = ?", (key, text), run, narrows=True)
        for key, text in stored(value)
    ]
    return joined(parts, " AND ", tuple(one for part in parts for one in part.narrowing))


def _tags(op: str, field: Token, value: Any, run: str) -> Condition:
    if op not in ("has", "eq", "neq", "in"):
        raise Fault(f'{op}(...) cannot compare tags; use has(tags, "x").', field)
    sql, params = compared("e.tag", "in" if op == "in" else "eq", value, "text", field)
    found = exists(TAGS, sql, params, run, narrows=True)
    return Condition(f"NOT {found.sql}", params) if op == "neq" else found


def _search(call: Call, run: str) -> Condition:
    """Compile ``search("x")`` over all that is searched, or ``search(field, "x")`` over one."""
    *scope, value = call.args
    if len(scope) > 1 or isinstance(value, (Call, List)) or value.type != "STRING":
        raise Fault(
            'search(...) takes a text, or a field and a text: search(error, "x").', call.name
        )
    columns: tuple[str, ...] = SEARCHED
    if scope:
        if not isinstance(scope[0], Token) or str(scope[0]) not in SEARCHED:
            raise Fault(f"search(...) looks into {', '.join(SEARCHED)}.", call.name)
        columns = (str(scope[0]),)
    return search_condition(plain(value), columns, run)
