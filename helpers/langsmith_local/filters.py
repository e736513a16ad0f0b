"""LangSmith's run filter language, compiled to SQL over the tables of ``schema``.

The language is the one of https://docs.langchain.com/langsmith/trace-query-syntax: nested calls
such as ``and(eq(run_type, "llm"), gt(latency, "5s"))``. Every literal becomes a parameter; names
of columns come from the tables below and never from the text.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import json
from collections.abc import Callable
from typing import Any

from helpers.errors import TutorialError
from helpers.langsmith_local.literals import FORMS, Fault, Kind, Token, literal, plain, stored

__all__ = ["Condition", "FilterError", "compile_filter", "search_condition"]

MAX_CHARACTERS = 20_000
MAX_DEPTH = 20
MAX_CALLS = 200

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

COLUMNS: dict[str, tuple[str, Kind]] = {
    "id": ("id", "uuid"),
    "trace_id": ("trace_id", "uuid"),
    "parent_run_id": ("parent_run_id", "uuid"),
    "reference_example_id": ("reference_example_id", "uuid"),
    "reference_example": ("reference_example_id", "uuid"),
    "name": ("name", "text"),
    "run_type": ("run_type", "text"),
    "status": ("status", "text"),
    "thread_id": ("thread_id", "text"),
    "error": ("error", "text"),
    "is_root": ("is_root", "boolean"),
    "start_time": ("start_time", "time"),
    "end_time": ("end_time", "time"),
    "first_token_time": ("first_token_time", "time"),
    "latency": ("latency", "duration"),
    "execution_order": ("execution_order", "number"),
    "total_tokens": ("total_tokens", "number"),
    "prompt_tokens": ("prompt_tokens", "number"),
    "completion_tokens": ("completion_tokens", "number"),
    "total_cost": ("total_cost", "number"),
    "prompt_cost": ("prompt_cost", "number"),
    "completion_cost": ("completion_cost", "number"),
}
# Two shorthands for what the SDK's wrappers put into metadata under an ls_ name.
METADATA_FIELDS = {"ls_model_name": "ls_model_name", "ls_provider": "ls_provider"}
SEARCHED = ("name", "inputs", "outputs", "error", "tags", "metadata")
SYMBOLS = {"eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
FUNCTIONS = ("and", "or", *SYMBOLS, "has", "in", "search")


@dataclasses.dataclass(frozen=True)
class _Entry:
    """A side table whose rows are the pairs that one ``and`` binds together."""

    table: str
    fields: dict[str, tuple[str, Kind]]
    only: str = ""
    key: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", next(iter(self.fields)))


ENTRIES = (
    _Entry("run_metadata", {"metadata_key": ("key", "text"), "metadata_value": ("value", "any")}),
    _Entry(
        "run_values",
        {"input_key": ("key", "text"), "input_value": ("value", "any")},
        "e.side = 'input' AND ",
    ),
    _Entry(
        "run_values",
        {"output_key": ("key", "text"), "output_value": ("value", "any")},
        "e.side = 'output' AND ",
    ),
    _Entry(
        "feedback",
        {
            "feedback_key": ("key", "text"),
            "feedback_score": ("score", "number"),
            "feedback_value": ("value", "json"),
        },
    ),
)
ENTRY_OF = {field: entry for entry in ENTRIES for field in entry.fields}
FIELDS = (*COLUMNS, *ENTRY_OF, *METADATA_FIELDS, "tags", "metadata", "inputs", "outputs")


class FilterError(TutorialError):
    """A filter that cannot be read; ``line`` and ``column`` (from 1) say where it goes wrong."""

    def __init__(self, message: str, *, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclasses.dataclass(frozen=True)
class Condition:
    """A SQL condition on a run, with its parameters.

    ``narrowing`` holds selects of ``run_id``, each with its parameters, of which every one
    contains all matching runs: where one of them is short, it is the place to begin.
    """

    sql: str
    params: tuple[Any, ...] = ()
    narrowing: tuple[tuple[str, tuple[Any, ...]], ...] = ()


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
        return _compile(_parse(text), run)
    except Fault as error:
        raise _located(text, error) from error


@dataclasses.dataclass(frozen=True)
class _Call:
    name: Token
    args: tuple[Any, ...]
    depth: int
    calls: int


@dataclasses.dataclass(frozen=True)
class _List:
    items: tuple[Any, ...]


def _call(children: list[Any]) -> _Call:
    name, *args = children
    token = _token([name])
    inner = [arg for arg in args if isinstance(arg, _Call)]
    depth = 1 + max((call.depth for call in inner), default=0)
    calls = 1 + sum(call.calls for call in inner)
    if depth > MAX_DEPTH:
        raise Fault(f"The filter nests deeper than {MAX_DEPTH} calls.", token)
    if calls > MAX_CALLS:
        raise Fault(f"The filter has more than {MAX_CALLS} calls.", token)
    return _Call(token, tuple(args), depth, calls)


def _token(children: list[Any]) -> Token:
    token = children[0]
    return Token(str(token), token.type, token.line, token.column)


@functools.cache
def _parser() -> Callable[[str], _Call]:
    # Imported here, since lark takes longer to import than the whole service to start.
    from lark import Lark, Transformer

    class Builder(Transformer):
        start = staticmethod(lambda children: children[0])
        call = staticmethod(_call)
        list = staticmethod(lambda children: _List(tuple(children)))
        name = text = number = staticmethod(_token)

    return Lark(GRAMMAR, parser="lalr", transformer=Builder(), maybe_placeholders=False).parse


def _parse(text: str) -> _Call:
    from lark.exceptions import UnexpectedInput

    try:
        return _parser()(text)
    except UnexpectedInput as error:
        raise _syntax(text, error) from error


# --- errors ---------------------------------------------------------------------------------


def _syntax(text: str, error: Any) -> FilterError:
    """Say what stands where something else was expected; ``error`` is lark's UnexpectedInput."""
    token = getattr(error, "token", None)
    expected = getattr(error, "accepts", None) or getattr(error, "expected", None)
    expected = expected or getattr(error, "allowed", None) or ()
    wanted = " or ".join(sorted(TERMINALS.get(name, name) for name in expected))
    if token is not None and token.type == "$END":
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
        message = f"The filter ends where {wanted} was expected."
    else:
        line, column = error.line, error.column
        found = str(token) if token is not None else text[error.pos_in_stream]
        message = f"Found {found} where {wanted} was expected."
        if found in ("'", '"'):
            message = "This quote is not closed."
    return _error(text, message, line, column)


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


# --- calls ----------------------------------------------------------------------------------


def _compile(call: _Call, run: str) -> Condition:
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


def _calls(call: _Call) -> tuple[_Call, ...]:
    for arg in call.args:
        if not isinstance(arg, _Call):
            raise Fault(
                f'{call.name}(...) joins comparisons such as eq(name, "x"), '
                f"not {FORMS.get(getattr(arg, 'type', ''), 'a list')}.",
                arg if isinstance(arg, Token) else call.name,
            )
    return call.args


def _and(calls: tuple[_Call, ...], run: str) -> Condition:
    parts: list[Condition] = []
    grouped: dict[str, list[_Call]] = {}
    for call in calls:
        entry = _entry(call)
        if entry is None:
            parts.append(_compile(call, run))
        else:
            grouped.setdefault(entry.key, []).append(call)
    for key, members in grouped.items():
        for bound in _bindings(ENTRY_OF[key], members):
            parts.extend(_entries(ENTRY_OF[key], bound, run))
    return _joined(parts, " AND ", tuple(one for part in parts for one in part.narrowing))


def _or(calls: tuple[_Call, ...], run: str) -> Condition:
    parts = [_compile(call, run) for call in calls]
    narrowing: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    if all(part.narrowing for part in parts):
        # Any select of each arm will do for the union, as each contains all that the arm matches.
        firsts = [part.narrowing[0] for part in parts]
        sql = " UNION ".join(f"SELECT run_id FROM ({sql})" for sql, _ in firsts)
        narrowing = ((sql, tuple(one for _, params in firsts for one in params)),)
    return _joined(parts, " OR ", narrowing)


def _joined(
    parts: list[Condition], by: str, narrowing: tuple[tuple[str, tuple[Any, ...]], ...]
) -> Condition:
    # What only looks at the run's own columns comes first: the cheap test spares the dear one.
    ordered = sorted(parts, key=lambda part: "SELECT" in part.sql)
    return Condition(
        "(" + by.join(part.sql for part in ordered) + ")",
        tuple(one for part in ordered for one in part.params),
        narrowing,
    )


def _comparison(call: _Call, run: str) -> Condition:
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
    sql, params = _compared(f"{run}.{column}", op, value, kind, call.name)
    return Condition(sql, params, _column_narrowing(column, op, value, params))


def _column_narrowing(
    column: str, op: str, value: Any, params: tuple[Any, ...]
) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    if column in ("id", "trace_id", "thread_id") and op in ("eq", "in") and params:
        marks = ", ".join("?" * len(params))
        return ((f"SELECT id AS run_id FROM runs WHERE {column} IN ({marks})", params),)
    if column == "error" and op == "neq" and plain(value) is None:
        return (("SELECT id AS run_id FROM runs WHERE error IS NOT NULL", ()),)
    return ()


def _operands(call: _Call) -> tuple[Token, Any]:
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
    if isinstance(value, _Call):
        raise Fault("The second argument is a value, not another call.", value.name)
    return field, value


def _known(field: Token) -> None:
    if str(field) not in FIELDS:
        raise Fault(
            f'"{field}" is no field of a run.{_nearest(str(field), FIELDS)} '
            f"The fields are {', '.join(FIELDS)}.",
            field,
        )


def _compared(
    column: str, op: str, value: Any, kind: Kind, where: Token
) -> tuple[str, tuple[Any, ...]]:
    """Return SQL for one comparison of a column; null is a value like others for (n)eq."""
    if op == "in":
        if not isinstance(value, _List):
            raise Fault('in(...) takes a list, for example in(name, ["a", "b"]).', where)
        params = tuple(one for item in value.items for one in literal(item, kind))
        return (f"{column} IN ({', '.join('?' * len(params))})" if params else "0"), params
    if isinstance(value, _List):
        raise Fault(f"{op}(...) takes one value; in(...) takes a list.", where)
    if plain(value) is None and kind not in ("any", "json"):
        if op not in ("eq", "neq"):
            raise Fault(f"{op}(...) cannot compare with null; eq and neq can.", value)
        return f"{column} IS {'NOT ' if op == 'neq' else ''}NULL", ()
    params = literal(value, kind)
    if op in ("eq", "neq"):
        if len(params) > 1:
            inside = f"{column} IN ({', '.join('?' * len(params))})"
            return (inside if op == "eq" else f"NOT {inside}"), params
        return f"{column} {'=' if op == 'eq' else 'IS NOT'} ?", params
    if kind == "boolean":
        raise Fault(f"{op}(...) cannot order true and false; eq and neq can.", where)
    if kind == "any" and isinstance(plain(value), (int, float)):
        number = f"CAST({column} AS REAL) {SYMBOLS[op]} ?"
        return f"({column} GLOB '[-0-9]*' AND {number})", (plain(value),)
    return f"{column} {SYMBOLS[op]} ?", params[:1]


# --- pairs ----------------------------------------------------------------------------------


def _entry(call: _Call) -> _Entry | None:
    """Return the side table that a comparison, or an ``or`` of comparisons alone, speaks of."""
    name = str(call.name)
    if name == "or":
        found = {
            entry.key if entry and str(inner.name) not in ("neq", "or") else ""
            for inner in call.args
            for entry in [_entry(inner) if isinstance(inner, _Call) else None]
        }
        return ENTRY_OF.get(found.pop()) if len(found) == 1 else None
    if (name in SYMBOLS or name == "in") and call.args and isinstance(call.args[0], Token):
        return ENTRY_OF.get(str(call.args[0]))
    return None


def _is_key(entry: _Entry, call: _Call) -> bool:
    if str(call.name) == "or":
        return any(_is_key(entry, inner) for inner in call.args)
    return str(call.args[0]) == entry.key


def _bindings(entry: _Entry, calls: list[_Call]) -> list[list[_Call]]:
    """Split the comparisons of one ``and`` into entries: a second key begins the second entry."""
    bound: list[list[_Call]] = [[]]
    seen = False
    for call in calls:
        if _is_key(entry, call):
            if seen:
                bound.append([])
            seen = True
        bound[-1].append(call)
    return bound


def _entries(entry: _Entry, calls: list[_Call], run: str) -> list[Condition]:
    absent = [c for c in calls if _negative(c) and _is_key(entry, c)]
    rest = [c for c in calls if c not in absent]
    if not any(_is_key(entry, c) for c in rest):
        # Without a key, neq(value) says that no entry at all has the value.
        absent += [c for c in rest if _negative(c)]
        rest = [c for c in rest if not _negative(c)]
    parts = [_lacking(entry, call, run) for call in absent]
    if rest:
        clauses = [_clause(entry, call) for call in rest]
        sql = " AND ".join(sql for sql, _ in clauses)
        params = tuple(one for _, ps in clauses for one in ps)
        keyed = any(_is_key(entry, c) and str(c.name) in ("eq", "in") for c in rest)
        parts.append(_exists(entry, sql, params, run, narrows=keyed))
    return parts


def _negative(call: _Call) -> bool:
    return (
        str(call.name) == "neq"
        and len(call.args) == 2
        and not isinstance(call.args[1], (_List, _Call))
        and plain(call.args[1]) is not None
    )


def _clause(entry: _Entry, call: _Call) -> tuple[str, tuple[Any, ...]]:
    if str(call.name) == "or":
        clauses = [_clause(entry, inner) for inner in call.args]
        sql = " OR ".join(sql for sql, _ in clauses)
        return f"({sql})", tuple(one for _, params in clauses for one in params)
    field, value = _operands(call)
    column, kind = entry.fields[str(field)]
    return _compared(f"e.{column}", str(call.name), value, kind, call.name)


def _lacking(entry: _Entry, call: _Call, run: str) -> Condition:
    field, value = _operands(call)
    column, kind = entry.fields[str(field)]
    sql, params = _compared(f"e.{column}", "eq", value, kind, call.name)
    return Condition("NOT " + _exists(entry, sql, params, run).sql, params)


def _exists(
    entry: _Entry, sql: str, params: tuple[Any, ...], run: str, *, narrows: bool = False
) -> Condition:
    where = f"{entry.only}{sql}"
    select = f"SELECT e.run_id FROM {entry.table} e WHERE {where}"
    return Condition(
        f"EXISTS (SELECT 1 FROM {entry.table} e WHERE e.run_id = {run}.id AND {where})",
        params,
        ((select, params),) if narrows else (),
    )


def _metadata_field(call: _Call, key: str, run: str) -> Condition:
    _, value = _operands(call)
    sql, params = _compared("e.value", str(call.name), value, "any", call.name)
    return _exists(ENTRIES[0], f"e.key = ? AND {sql}", (key, *params), run, narrows=True)


def _has_metadata(value: Any, run: str) -> Condition:
    """Compile ``has(metadata, '{"key": "value"}')``: every pair of the JSON object is there."""
    parts = [
        _exists(ENTRIES[0], "e.key = ? AND e.value = ?", (key, text), run, narrows=True)
        for key, text in stored(value)
    ]
    return _joined(parts, " AND ", tuple(one for part in parts for one in part.narrowing))


def _tags(op: str, field: Token, value: Any, run: str) -> Condition:
    if op not in ("has", "eq", "neq", "in"):
        raise Fault(f'{op}(...) cannot compare tags; use has(tags, "x").', field)
    sql, params = _compared("e.tag", "in" if op == "in" else "eq", value, "text", field)
    found = _exists(_Entry("run_tags", {"tags": ("tag", "text")}), sql, params, run, narrows=True)
    return Condition(f"NOT {found.sql}", params) if op == "neq" else found


# --- full text ------------------------------------------------------------------------------


def _search(call: _Call, run: str) -> Condition:
    """Compile ``search("x")`` over all that is searched, or ``search(field, "x")`` over one."""
    *scope, value = call.args
    if len(scope) > 1 or isinstance(value, (_Call, _List)) or value.type != "STRING":
        raise Fault(
            'search(...) takes a text, or a field and a text: search(error, "x").', call.name
        )
    columns = SEARCHED
    if scope:
        if not isinstance(scope[0], Token) or str(scope[0]) not in SEARCHED:
            raise Fault(f"search(...) looks into {', '.join(SEARCHED)}.", call.name)
        columns = (str(scope[0]),)
    return search_condition(plain(value), columns, run)


def search_condition(text: str, columns: tuple[str, ...] = SEARCHED, run: str = "r") -> Condition:
    """Return the condition that one of ``columns`` contains ``text``, whatever its case.

    It calls ``contains(needle, escaped needle, text ...)``, which ``query`` gives to SQLite.
    """
    # Columns of JSON hold quotes, backslashes and line ends in their escaped form.
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    listed = ", ".join(f"{run}.{column}" for column in columns)
    return Condition(f"contains(?, ?, {listed})", (text.casefold(), escaped.casefold()))
