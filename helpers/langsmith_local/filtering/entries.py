"""Pairs of metadata, inputs, outputs and feedback: which comparisons speak of the same entry."""

from __future__ import annotations

import dataclasses
from typing import Any

from helpers.langsmith_local import keysets
from helpers.langsmith_local.filtering.condition import Condition
from helpers.langsmith_local.filtering.literals import SYMBOLS, Kind, compared, plain
from helpers.langsmith_local.filtering.syntax import Call, List, Token

__all__ = ["ENTRY_OF", "Entry", "METADATA", "bound", "entry_of", "exists"]


@dataclasses.dataclass(frozen=True)
class Entry:
    """A side table whose rows are the pairs that one ``and`` binds together."""

    table: str
    fields: dict[str, tuple[str, Kind]]
    only: str = ""
    key: str = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", next(iter(self.fields)))


ENTRIES = (
    Entry("run_metadata", {"metadata_key": ("key", "text"), "metadata_value": ("value", "any")}),
    Entry(
        "run_values",
        {"input_key": ("key", "text"), "input_value": ("value", "any")},
        "e.side = 'input' AND ",
    ),
    Entry(
        "run_values",
        {"output_key": ("key", "text"), "output_value": ("value", "any")},
        "e.side = 'output' AND ",
    ),
    Entry(
        "feedback",
        {
            "feedback_key": ("key", "text"),
            "feedback_score": ("score", "number"),
            "feedback_value": ("value", "json"),
        },
    ),
)
ENTRY_OF = {field: entry for entry in ENTRIES for field in entry.fields}
METADATA = ENTRIES[0]


def entry_of(call: Call) -> Entry | None:
    """Return the side table that a comparison, or an ``or`` of comparisons alone, speaks of."""
    name = str(call.name)
    if name == "or":
        found = {
            entry.key if entry and str(inner.name) not in ("neq", "or") else ""
            for inner in call.args
            for entry in [entry_of(inner) if isinstance(inner, Call) else None]
        }
        return ENTRY_OF.get(found.pop()) if len(found) == 1 else None
    if (name in SYMBOLS or name == "in") and call.args and isinstance(call.args[0], Token):
        return ENTRY_OF.get(str(call.args[0]))
    return None


def _is_key(entry: Entry, call: Call) -> bool:
    if str(call.name) == "or":
        return any(_is_key(entry, inner) for inner in call.args)
    return str(call.args[0]) == entry.key


def bound(entry: Entry, calls: list[Call], run: str) -> list[Condition]:
    """Return the conditions of the comparisons of one ``and`` that speak of ``entry``."""
    return [one for group in _bindings(entry, calls) for one in _conditions(entry, group, run)]


def _bindings(entry: Entry, calls: list[Call]) -> list[list[Call]]:
    """Split the comparisons of one ``and`` into entries: a second key begins the second entry."""
    groups: list[list[Call]] = [[]]
    seen = False
    for call in calls:
        if _is_key(entry, call):
            if seen:
                groups.append([])
            seen = True
        groups[-1].append(call)
    return groups


def _conditions(entry: Entry, calls: list[Call], run: str) -> list[Condition]:
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
        parts.append(exists(entry, sql, params, run, narrows=keyed))
    return parts


def _negative(call: Call) -> bool:
    return (
        str(call.name) == "neq"
        and len(call.args) == 2
        and not isinstance(call.args[1], (List, Call))
        and plain(call.args[1]) is not None
    )


def _clause(entry: Entry, call: Call) -> tuple[str, tuple[Any, ...]]:
    if str(call.name) == "or":
        clauses = [_clause(entry, inner) for inner in call.args]
        sql = " OR ".join(sql for sql, _ in clauses)
        return f"({sql})", tuple(one for _, params in clauses for one in params)
    field, value = call.args
    column, kind = entry.fields[str(field)]
    return compared(f"e.{column}", str(call.name), value, kind, call.name)


def _lacking(entry: Entry, call: Call, run: str) -> Condition:
    field, value = call.args
    column, kind = entry.fields[str(field)]
    sql, params = compared(f"e.{column}", "eq", value, kind, call.name)
    narrowing = (keysets.without(*params),) if entry is METADATA and column == "key" else ()
    return Condition("NOT " + exists(entry, sql, params, run).sql, params, narrowing)


def exists(
    entry: Entry, sql: str, params: tuple[Any, ...], run: str, *, narrows: bool = False
) -> Condition:
    """Return the condition that a run has an entry (``e``) of which ``sql`` holds."""
    where = f"{entry.only}{sql}"
    select = f"SELECT e.run_id FROM {entry.table} e WHERE {where}"
    return Condition(
        f"EXISTS (SELECT 1 FROM {entry.table} e WHERE e.run_id = {run}.id AND {where})",
        params,
        ((select, params),) if narrows else (),
    )
