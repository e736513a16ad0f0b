"""A run: its place in the tree of its trace, and all that it holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import orjson

from helpers.langsmith_local.filtering.condition import equal
from helpers.langsmith_local.ids import uuid_text
from helpers.langsmith_local.pages.lists import COLUMNS, Filled, Given, Missing
from helpers.langsmith_local.pages.records import Held, held, record
from helpers.langsmith_local.pages.values import Block, shown, written
from helpers.langsmith_local.pages.waterfall import waterfall
from helpers.langsmith_local.reading import query, rows
from helpers.langsmith_local.reading.query import Selection
from helpers.langsmith_local.store import Store
from helpers.serving.bounds import DRAWN_BYTES, SHOWN_CHARACTERS
from helpers.view import Run
from helpers.view.facts import chosen_metadata, error_line, outputs_of
from helpers.view.values import clip

__all__ = ["HOLDS", "of_run", "row_of"]

BEGINNING = 20_000  # characters of what is too large to be laid out
DRAWN = 1_000  # runs of a trace, of which a tree shows the first
HOLDS = ("inputs", "outputs", "error", "metadata", "tags")
OTHERS = 20  # runs of the same name that are offered to compare with
OPINIONS = 50
OPINION_CHARACTERS = 2_000
ERROR_CHARACTERS = 300


def row_of(store: Store, run_id: str) -> sqlite3.Row:
    """Return the short columns of a run, and its dotted order; raise ``Missing``."""
    try:
        identity = uuid_text(run_id)
    except ValueError:
        raise Missing("run") from None
    row: sqlite3.Row | None = (
        store.connection()
        .execute(f"SELECT {COLUMNS}, r.dotted_order FROM runs r WHERE r.id = ?", (identity,))
        .fetchone()
    )
    if row is None:
        raise Missing("run")
    return row


def of_run(store: Store, given: Given) -> Filled:
    """Return what the page of a run shows; the project is that of the run, whatever was asked."""
    connection, row = store.connection(), row_of(store, given["run_id"])
    long = held(connection, row["id"], HOLDS, most=DRAWN_BYTES, begin=BEGINNING)
    run = record(row, error=long["error"].text, metadata=long["metadata"].value({}))
    found, left = _of_trace(connection, row)
    room = SHOWN_CHARACTERS
    return {
        "project": store.project(row["project_id"]),
        "row": row,
        "run": run,
        "fall": waterfall([record(each) for each in found]),
        "root": found[0],
        "left": left,
        "error": _error(long["error"]),
        "inputs": shown(long["inputs"], most=room),
        "outputs": shown(_outputs(run, long["outputs"]), most=room),
        "metadata": _metadata(run, long["metadata"]),
        "tags": [clip(str(tag), 200) for tag in long["tags"].value([])][:200],
        "feedback": _opinions(connection, row["id"]),
        "attachments": rows.beside(store, [row["id"]]).attachments.get(row["id"], {}),
        "others": _others(connection, row),
    }


def _of_trace(connection: sqlite3.Connection, row: sqlite3.Row) -> tuple[list[sqlite3.Row], int]:
    """Return the runs of a trace that are drawn, and how many are not.

    They are the first, and the chosen one with those above it.
    """
    trace = row["trace_id"]
    found = connection.execute(
        f"SELECT {COLUMNS}, r.dotted_order FROM runs r WHERE r.trace_id = ? "
        "ORDER BY r.dotted_order LIMIT ?",
        (trace, DRAWN),
    ).fetchall()
    if row["id"] not in {each["id"] for each in found}:
        above = orjson.dumps([*rows.ancestors(row["dotted_order"]), row["id"]]).decode()
        known = {each["id"] for each in found}
        way = connection.execute(
            f"SELECT {COLUMNS}, r.dotted_order FROM runs r "
            "WHERE r.trace_id = ? AND r.id IN (SELECT value FROM json_each(?))",
            (trace, above),
        ).fetchall()
        found += [each for each in way if each["id"] not in known]
        found.sort(key=lambda each: str(each["dotted_order"]))
    (count,) = connection.execute(
        "SELECT count(*) FROM runs WHERE trace_id = ?", (trace,)
    ).fetchone()
    return found, count - len(found)


def _error(error: Held) -> dict[str, Any] | None:
    if not error.text:
        return None
    line = clip(error_line(error.text), ERROR_CHARACTERS)
    whole = Block("", error.text[:SHOWN_CHARACTERS], len(error.text[SHOWN_CHARACTERS:]))
    return {"line": line, "whole": whole, "cut": error.cut, "size": error.size}


def _outputs(run: Run, outputs: Held) -> Held:
    """Return the outputs that there are to show, as every view does."""
    told = Run(run.id, run.trace_id, run.name, run.start, error=run.error, outputs=outputs.value())
    return outputs if outputs.cut or outputs_of(told) else Held(None, 0, False)


def _metadata(run: Run, metadata: Held) -> dict[str, list[Block]]:
    """Return the metadata that someone chose, and the rest, which libraries added."""
    chosen, every = chosen_metadata(run), run.metadata
    if metadata.cut:
        return {"chosen": [Block("", metadata.text or "", metadata.size)], "added": []}
    rest = {key: value for key, value in every.items() if key not in chosen}
    return {"chosen": _pairs(chosen), "added": _pairs(rest)}


def _pairs(found: Mapping[str, Any]) -> list[Block]:
    texts = [(key, written(value)) for key, value in list(found.items())[:200]]
    return [Block(key, clip(text, 2_000)) for key, text in texts]


def _opinions(connection: sqlite3.Connection, run_id: str) -> list[dict[str, Any]]:
    """Return the feedback on a run, the newest first, of long texts the beginning."""
    texts = ", ".join(
        f"substr({name}, 1, {OPINION_CHARACTERS}) AS {name}"
        for name in ("value", "comment", "correction", "source")
    )
    found = connection.execute(
        f"SELECT key, score, {texts}, created_at FROM feedback WHERE run_id = ? "
        "ORDER BY created_at DESC, id LIMIT ?",
        (run_id, OPINIONS),
    ).fetchall()
    return [{**dict(row), "value": _plain(row["value"])} for row in found]


def _plain(text: str | None) -> str | None:
    """Return a JSON value as it reads best: a text without its quotes, null as nothing."""
    try:
        value = orjson.loads(text or "null")
    except orjson.JSONDecodeError:  # only its beginning is here
        return text
    return None if value is None else written(value)


def _others(connection: sqlite3.Connection, row: sqlite3.Row) -> list[sqlite3.Row]:
    """Return the latest runs of the project that have the same name."""
    named = Selection((row["project_id"],), (equal("name", row["name"]),))
    found = query.select(connection, named, COLUMNS, limit=OTHERS + 1)
    return [each for each in found if each["id"] != row["id"]][:OTHERS]
