"""The functions of the filter language, each with the one that makes a condition of its calls.

A new function is a line of ``FUNCTIONS`` and what it calls.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

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
    METADATA_FIELDS,
    TAGS,
    shown,
)
from helpers.langsmith_local.filtering.literals import SYMBOLS, compared, plain, stored
from helpers.langsmith_local.filtering.search import SEARCHED, search_condition
from helpers.langsmith_local.filtering.syntax import Call, Fault, List, Token

__all__ = ["FUNCTIONS", "condition_of"]

FORMS = {"STRING": "a text", "NUMBER": "a number", "NAME": "a name"}


def condition_of(call: Call, run: str) -> Condition:
    """Return the condition that ``call`` makes on the table alias ``run``; raise ``Fault``."""
    name = str(call.name)
    if name == "not":
        raise Fault(
            "Filters of runs have no not(...) here; LangSmith documents it for examples only. "
            "Negate the comparison: neq for eq, lte for gt, gte for lt.",
            call.name,
        )
    if name not in FUNCTIONS:
        raise Fault(
            f'"{name}" is no function of the filters that are served here, which have '
            f"{', '.join(FUNCTIONS)}.{_nearest(name, tuple(FUNCTIONS))}",
            call.name,
        )
    return FUNCTIONS[name](call, run)


def _calls(call: Call) -> tuple[Call, ...]:
    for arg in call.args:
        if not isinstance(arg, Call):
            raise Fault(
                f'{call.name}(...) joins comparisons such as eq(name, "x"), '
                f"not {FORMS.get(getattr(arg, 'type', ''), 'a list')}.",
                arg if isinstance(arg, Token) else call.name,
            )
    return call.args


def _and(call: Call, run: str) -> Condition:
    return _all_of(_calls(call), run)


def _all_of(calls: tuple[Call, ...], run: str) -> Condition:
    parts: list[Condition] = []
    grouped: dict[str, list[Call]] = {}
    for call in calls:
        entry = entry_of(call)
        if entry is None:
            parts.append(condition_of(call, run))
        else:
            for one in call.args if str(call.name) == "or" else (call,):
                _operands(one)
            grouped.setdefault(entry.key, []).append(call)
    for key, members in grouped.items():
        parts.extend(bound(ENTRY_OF[key], members, run))
    return joined(parts, " AND ", tuple(one for part in parts for one in part.narrowing))


def _or(call: Call, run: str) -> Condition:
    parts = [condition_of(each, run) for each in _calls(call)]
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
        return _all_of((call,), run)
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
    sql, params = compared(shown(column, run), op, value, kind, call.name)
    return Condition(sql, params, _column_narrowing(column, op, value, params))


def _column_narrowing(
    column: str, op: str, value: Any, params: tuple[Any, ...]
) -> tuple[Narrowing, ...]:
    if column in ("id", "trace_id", "thread_id") and op in ("eq", "in") and params:
        listed = "(SELECT value FROM json_each(?))" if op == "in" else "(?)"
        return ((f"SELECT id AS run_id FROM runs WHERE {column} IN {listed}", params),)
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


def _nearest(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    return f' Did you mean "{close[0]}"?' if close else ""


#: In the order in which messages name them.
FUNCTIONS: dict[str, Callable[[Call, str], Condition]] = {
    "and": _and,
    "or": _or,
    **dict.fromkeys((*SYMBOLS, "has", "in"), _comparison),
    "search": _search,
}
