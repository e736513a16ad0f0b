"""Two runs side by side: what differs between them, and what is the same."""

from __future__ import annotations

import difflib
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from helpers.langsmith_local.pages.lists import Filled, Given, project_of
from helpers.langsmith_local.pages.records import Held, held, record, status
from helpers.langsmith_local.pages.run import HOLDS, row_of
from helpers.langsmith_local.reading import rows
from helpers.langsmith_local.store import Store
from helpers.serving.bounds import DRAWN_BYTES
from helpers.view import Run
from helpers.view.facts import chosen_tags, error_line, outputs_of, stars_of
from helpers.view.numbers import counted, dollars, seconds
from helpers.view.values import as_json, clip

__all__ = ["Difference", "Piece", "marked", "of_two"]

LEAVES = 300  # values of a side that are compared
LONGEST = 4_000  # characters of one that are shown, and
FEWEST, MOST = 5, 400  # words of one between which it is told which of them differ
BENEATH = 200  # runs beneath, by their names
BEGINNING = 4_000
_WORD = re.compile(r"\s+|(?:\w+|[^\w\s])\s*")  # with the blanks after it: all texts have blanks


@dataclass(frozen=True)
class Piece:
    """A part of a text; ``only`` on this side of the two."""

    text: str
    only: bool


@dataclass(frozen=True)
class Difference:
    """One thing that both runs have or may have, and what it is in each; None for what is not."""

    label: str
    left: tuple[Piece, ...] | None
    right: tuple[Piece, ...] | None
    same: bool


def of_two(store: Store, given: Given) -> Filled:
    """Return what the page of two ``runs``, ids with a blank between them, shows.

    With another number of them it says how to choose.
    """
    project, chosen = project_of(store, given), given["runs"].split()
    if len(chosen) != 2:
        return {"project": project, "chosen": len(chosen), "http_status": 400, "sides": ()}
    found = [row_of(store, each) for each in chosen]
    sides = [_side(store, row) for row in found]
    every = {
        part: list(_differences(sides[0].parts[part], sides[1].parts[part]))
        for part in sides[0].parts
    }
    return {
        "project": project,
        "chosen": 2,
        "sides": [{"row": row, "run": side.run} for row, side in zip(found, sides, strict=True)],
        "differing": _some(every, same=False),
        "equal": _some(every, same=True),
    }


def _some(every: dict[str, list[Difference]], *, same: bool) -> dict[str, list[Difference]]:
    """Return the parts that have differences of this kind, with these alone."""
    chosen = {part: [one for one in found if one.same is same] for part, found in every.items()}
    return {part: found for part, found in chosen.items() if found}


@dataclass(frozen=True)
class _Side:
    run: Run
    parts: dict[str, dict[str, str]]


def _side(store: Store, row: sqlite3.Row) -> _Side:
    connection = store.connection()
    long = held(connection, row["id"], HOLDS, most=DRAWN_BYTES, begin=BEGINNING)
    run = record(
        row,
        error=long["error"].text,
        outputs=long["outputs"].value(),
        tags=tuple(map(str, long["tags"].value([]))),
        metadata=long["metadata"].value({}),
        feedback=rows.beside(store, [row["id"]]).feedback.get(row["id"], {}),
    )
    outputs = long["outputs"] if long["outputs"].cut or outputs_of(run) else Held(None, 0, False)
    parts = {
        "Facts": dict(_facts(run, row)),
        "Error": {"error": error_line(run.error)} if run.error else {},
        "Inputs": dict(_leaves(long["inputs"])),
        "Outputs": dict(_leaves(outputs)),
        "Metadata": dict(_leaves(long["metadata"])),
        "Runs beneath": _beneath(connection, row),
    }
    return _Side(run, parts)


def _facts(run: Run, row: sqlite3.Row) -> Iterator[tuple[str, str]]:
    yield "name", run.name
    yield "kind", run.run_type
    yield "status", status(run.status)
    if run.seconds is not None:
        yield "duration", seconds(run.seconds)
    if run.first_token_seconds is not None:
        yield "first token", seconds(run.first_token_seconds)
    for label, column in (("in", "prompt_tokens"), ("out", "completion_tokens")):
        if row[column]:
            yield f"tokens {label}", counted(row[column], "token")
    if run.total_tokens:
        yield "tokens", counted(run.total_tokens, "token")
    if run.total_cost:
        yield "cost", dollars(run.total_cost)
    if tags := chosen_tags(run):
        yield "tags", ", ".join(sorted(tags))
    for _, told in stars_of(run):
        yield "feedback", told


def _leaves(value: Held) -> Iterator[tuple[str, str]]:
    """Yield the path of each leaf, joined by dots as filters have it, and what it is."""
    if value.cut:
        yield "", value.text or ""
        return
    stack: list[tuple[str, Any]] = [("", value.value({}))]
    for _ in range(LEAVES):
        if not stack:
            return
        path, item = stack.pop()
        while isinstance(item, (dict, list)) and item and len(stack) < LEAVES:
            children = list(item.items() if isinstance(item, dict) else enumerate(item))[:LEAVES]
            above = f"{path}." if path else ""
            stack += [(f"{above}{key}", child) for key, child in reversed(children[1:])]
            path, item = f"{above}{children[0][0]}", children[0][1]
        if path:
            yield clip(path, 200), item if isinstance(item, str) else as_json(item)


def _beneath(connection: sqlite3.Connection, row: sqlite3.Row) -> dict[str, str]:
    """Return the runs beneath, a line each, so that it shows which were added or left out."""
    found = connection.execute(
        "SELECT name, run_type, status, dotted_order FROM runs WHERE trace_id = ? "
        "AND dotted_order > ? AND dotted_order < ? ORDER BY dotted_order LIMIT ?",
        (row["trace_id"], f"{row['dotted_order']}.", f"{row['dotted_order']}/", BENEATH),
    )
    own = row["dotted_order"].count(".")
    told = [
        f"{'  ' * (each['dotted_order'].count('.') - own - 1)}{clip(each['name'], 60)} "
        f"({each['run_type']}, {status(each['status'])})"
        for each in found
    ]
    return {"in their order": "\n".join(told)} if told else {}


def _differences(left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[Difference]:
    for label in dict.fromkeys((*left, *right)):
        here, there = left.get(label), right.get(label)
        if here is None or there is None or here == there:
            yield Difference(label, _alone(here), _alone(there), here == there)
        else:
            yield Difference(label, *marked(_cut(here), _cut(there)), False)


def _alone(text: str | None) -> tuple[Piece, ...] | None:
    """Return a text in one piece, since there is nothing to hold it against."""
    return None if text is None else (Piece(_cut(text), False),)


def _cut(text: str) -> str:
    left = len(text) - LONGEST
    return f"{text[:LONGEST]} … {left:,} more characters" if left > 0 else text


def marked(left: str, right: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Return two texts in pieces, of which those that stand in one alone are marked.

    Where they have little in common, are short or are long, each is one piece.
    """
    here, there = _WORD.findall(left), _WORD.findall(right)
    if not FEWEST <= max(len(here), len(there)) <= MOST:
        return (Piece(left, False),), (Piece(right, False),)
    matcher = difflib.SequenceMatcher(None, here, there, autojunk=False)
    if matcher.ratio() < 0.3:
        return (Piece(left, False),), (Piece(right, False),)
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for kind, begin, end, start, stop in matcher.get_opcodes():
        only = kind != "equal"
        sides[0].append(Piece("".join(here[begin:end]), only))
        sides[1].append(Piece("".join(there[start:stop]), only))
    left_side, right_side = (tuple(piece for piece in side if piece.text) for side in sides)
    return left_side, right_side
