"""Turns of two threads, for tests of v2, and what pages of the SDK hold."""

from __future__ import annotations

import asyncio
import datetime
import json
import sqlite3
from typing import Any

from tests.langsmith_local.stored import add_feedback, add_project, add_run, run_id

__all__ = ["MINUTE", "NOW", "add_turns", "listed"]

NOW = int(datetime.datetime.now().timestamp() * 1_000_000)
MINUTE = 60_000_000
USAGE = {"input_token_details": {"cache_read": 3}, "output_cost_details": {"reasoning": 0.1}}


def add_turns(connection: sqlite3.Connection) -> None:
    """Store three turns of two threads, one of last week; the first has a streamed llm run."""
    add_project(connection)
    sums = {"total_tokens": 18, "prompt_tokens": 11, "completion_tokens": 7, "total_cost": 0.5}
    turn: dict[str, Any] = {"thread_id": "talk", "metadata": {"thread_id": "talk"}}
    add_run(
        connection,
        "turn 1",
        start_time=NOW - 30 * MINUTE,
        latency=2.0,
        tags=["demo"],
        inputs={"q": "What is HTTP?"},
        **sums,
        **turn,
    )
    add_run(
        connection,
        "model",
        parent="turn 1",
        start_time=NOW - 29 * MINUTE,
        run_type="llm",
        first_token_time=NOW - 28 * MINUTE,
        own_usage=json.dumps(USAGE),
        **sums,
        **turn,
    )
    add_run(
        connection, "turn 2", start_time=NOW - 20 * MINUTE, latency=4.0, error="KeyError", **turn
    )
    add_run(connection, "other", start_time=NOW - 10 * MINUTE, thread_id="aside")
    add_run(connection, "old", start_time=NOW - 7 * 24 * 60 * MINUTE, thread_id="talk")
    add_feedback(connection, "turn 1", "helpful", 1.0, comment="yes", source='{"type": "api"}')
    connection.execute(
        "INSERT INTO attachments VALUES (?, 'a b', 'image/png', x'00')", (run_id("turn 1"),)
    )  # fmt: skip


def listed(pages: Any) -> list[Any]:
    async def collect() -> list[Any]:
        return [item async for item in pages]

    return asyncio.run(collect())
