"""Runs written straight into the tables, for tests of reading."""

from __future__ import annotations

import json
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import jsonschema

from helpers.langsmith_local import keysets
from helpers.langsmith_local.index import pairs

PROJECT = "11111111-1111-4111-8111-111111111111"
START = 1_790_000_000_000_000
SECOND = 1_000_000


def run_id(name: str) -> str:
    """Return the id of the run of this name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def add_project(connection: sqlite3.Connection, project_id: str = PROJECT) -> None:
    row = (project_id, project_id, 0)
    connection.execute("INSERT INTO projects (id, name, start_time) VALUES (?, ?, ?)", row)


def add_run(connection: sqlite3.Connection, name: str, **given: Any) -> str:
    """Store one run; ``second`` is its start, ``parent`` the name of the run above it."""
    ident, parent = given.pop("id", run_id(name)), given.pop("parent", None)
    start = given.pop("start_time", START + given.pop("second", 0) * SECOND)
    latency, error = given.get("latency", 1.0), given.get("error")
    metadata, tags = given.pop("metadata", {}), given.pop("tags", [])
    inputs, outputs = given.pop("inputs", {"q": "?"}), given.pop("outputs", {"a": "!"})
    order = f"20260921T000000{start % 10**6:06}Z{ident}"
    above = connection.execute("SELECT * FROM runs WHERE name = ?", (parent,)).fetchone()
    row = {
        "id": ident,
        "name": name,
        "trace_id": above["trace_id"] if above else ident,
        "parent_run_id": above["id"] if above else None,
        "project_id": PROJECT,
        "dotted_order": f"{above['dotted_order']}.{order}" if above else order,
        "is_root": int(above is None),
        "run_type": "chain",
        "status": "error" if error else "success",
        "start_time": start,
        "end_time": start + int(latency * SECOND),
        "latency": latency,
        "inputs": json.dumps(inputs),
        "outputs": json.dumps(outputs),
        "metadata": json.dumps(metadata),
        "extra": json.dumps({"metadata": metadata}),
        "tags": json.dumps(tags),
        **given,
    }
    columns = ", ".join(row)
    marks = ", ".join(f":{column}" for column in row)
    connection.execute(f"INSERT INTO runs ({columns}) VALUES ({marks})", row)
    many = connection.executemany
    many("INSERT INTO run_tags VALUES (?, ?)", [(ident, tag) for tag in tags])
    many("INSERT INTO run_metadata VALUES (?, ?, ?)", [(ident, *pair) for pair in pairs(metadata)])
    keysets.keep(connection, {ident: [key for key, _ in pairs(metadata)]})
    for side, value in (("input", inputs), ("output", outputs)):
        many(
            "INSERT INTO run_values VALUES (?, ?, ?, ?)",
            [(ident, side, *pair) for pair in pairs(value)],
        )
    return ident


def add_feedback(
    connection: sqlite3.Connection, run: str, key: str, score: float, **more: Any
) -> None:
    row = {"id": str(uuid.uuid4()), "run_id": run_id(run), "key": key, "score": score, **more}
    row = {**row, "created_at": START, "modified_at": START}
    marks = ", ".join("?" * len(row))
    connection.execute(
        f"INSERT INTO feedback ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
    )


def conforms(answer: Any, schema: str) -> None:
    """Check an answer against LangSmith's own schema of this name, and that it adds no field."""
    document = json.loads((Path(__file__).parent / "schemas" / "runs.json").read_text())
    for one in document["components"]["schemas"].values():
        if "properties" in one:
            one.setdefault("additionalProperties", False)
    document["$ref"] = f"#/components/schemas/{schema}"
    jsonschema.Draft202012Validator(document).validate(answer)
