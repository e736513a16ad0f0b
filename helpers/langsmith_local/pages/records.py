"""Stored runs as the records that views draw; of what they hold, no more than is shown is read."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from helpers.langsmith_local.reading import rows
from helpers.langsmith_local.reading.portion import sizes
from helpers.langsmith_local.store import Store
from helpers.langsmith_local.times import moment
from helpers.view import Run
from helpers.view.facts import error_line, facts_of, outputs_of, stars_of
from helpers.view.values import clip, messages_of, one_line, summary_lines

__all__ = ["SHORT", "Held", "Line", "held", "lines", "record", "status"]

#: The columns of a run that are short, by which lists and trees are drawn.
SHORT = (
    *("id", "trace_id", "parent_run_id", "project_id", "name", "run_type", "status", "thread_id"),
    *("start_time", "end_time", "first_token_time", "latency", "is_root"),
    *("prompt_tokens", "completion_tokens", "total_tokens"),
    *("prompt_cost", "completion_cost", "total_cost"),
)
READ = 64 * 1024  # bytes of a column above which a list reads its beginning
BEGINNING = 1_000  # characters
PREVIEW = 160
STARS = 100


@dataclass(frozen=True)
class Held:
    """A long column of a run: its text, and the bytes that it has; cut where they are too many."""

    text: str | None
    size: int
    cut: bool

    def value(self, default: Any = None) -> Any:
        """Return the JSON value; ``default`` where there is none, or only its beginning."""
        return default if self.text is None or self.cut else orjson.loads(self.text)


@dataclass(frozen=True)
class Line:
    """A run in a list: what is short of it, and a line each of what came in and out."""

    run: Run
    row: sqlite3.Row
    input: str
    output: str
    stars: str


def record(row: sqlite3.Row, **more: Any) -> Run:
    """Return a run with its short columns, and with ``more`` of its fields."""
    first, begun, ended = row["first_token_time"], row["start_time"], row["end_time"]
    same = ("id", "trace_id", "name", "run_type", "status", "total_cost")
    tokens = ("prompt_tokens", "completion_tokens", "total_tokens")
    return Run(
        **{name: row[name] for name in (*same, *tokens)},
        parent_id=row["parent_run_id"],
        start=moment(begun),
        end=None if ended is None else moment(ended),
        seconds=row["latency"],
        first_token_seconds=None if first is None else (first - begun) / 1e6,
        **more,
    )


@functools.cache
def status(stored: str) -> str:
    """Return the word that every view has for a run's status."""
    return facts_of(Run("", "", "", moment(0), status=stored))[2]


def held(
    connection: sqlite3.Connection, run_id: str, columns: Iterable[str], *, most: int, begin: int
) -> dict[str, Held]:
    """Return long columns of a run; of one with more than ``most`` bytes its first characters."""
    names = tuple(columns)
    weight = next(sizes(connection, [run_id]))  # a large run is read alone
    parts = ", ".join(
        f"length(CAST({name} AS BLOB)), "
        f"CASE WHEN length(CAST({name} AS BLOB)) <= :most THEN {name} "
        f"ELSE substr({name}, 1, :begin) END"
        for name in names
    )
    asked = {"most": most, "begin": begin, "id": run_id}
    row = connection.execute(f"SELECT {parts} FROM runs WHERE id = :id", asked).fetchone()
    if weight > most:
        connection.execute("PRAGMA shrink_memory")  # the cache would keep the long texts
    found = {}
    for at, name in enumerate(names):
        count, text = (row[2 * at] or 0, row[2 * at + 1]) if row else (0, None)
        found[name] = Held(text, count, count > most)
    return found


def lines(store: Store, found: list[sqlite3.Row]) -> list[Line]:
    """Return the lines of a list, from rows with the columns in ``SHORT``."""
    marks = rows.beside(store, [row["id"] for row in found]).feedback
    return [_line(store.connection(), row, marks.get(row["id"], {})) for row in found]


def _line(connection: sqlite3.Connection, row: sqlite3.Row, feedback: dict[str, Any]) -> Line:
    long = held(connection, row["id"], ("inputs", "outputs", "error"), most=READ, begin=BEGINNING)
    error, outputs = long["error"].text, long["outputs"]
    run = record(row, error=error, outputs=outputs.value(), feedback=feedback)
    if error:
        said = error_line(error)
    else:
        said = _preview(outputs.text if outputs.cut else outputs_of(run))
    stars = ", ".join(text for _, text in stars_of(run))
    given = long["inputs"]
    return Line(
        run=run,
        row=row,
        input=_preview(given.text if given.cut else given.value({})),
        output=clip(said, PREVIEW),
        stars=clip(stars, STARS),
    )


def _preview(value: Any) -> str:
    """Return a value on one line: of messages the last, of what was cut the text."""
    if not value:
        return ""
    if isinstance(value, str):
        return clip(value, PREVIEW)
    messages = messages_of(value)
    if messages:
        value = {"messages": messages[-1:]}
    told = summary_lines(value) if isinstance(value, Mapping) else [one_line(value)]
    return clip(" ".join(told), PREVIEW)
