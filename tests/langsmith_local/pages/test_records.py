from __future__ import annotations

import pytest

from helpers.langsmith_local.pages.lists import COLUMNS
from helpers.langsmith_local.pages.records import Held, held, lines, record
from helpers.langsmith_local.store import Store
from tests.langsmith_local.stored import add_feedback, add_project, add_run, run_id


@pytest.fixture(autouse=True)
def runs(store: Store) -> None:
    connection = store.connection()
    add_project(connection)
    chat = {"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "HTTP?"}]}
    add_run(connection, "chat", inputs=chat, outputs={"text": "A protocol."}, total_tokens=7)
    add_run(connection, "failed", error="X()\n\nTraceback (most recent call last):\n  f\nX: no\n")
    add_run(connection, "large", inputs={"q": "x" * 600_000}, outputs={"a": "b"})
    add_feedback(connection, "chat", "helpful", 0.5)


def line(store: Store, name: str):
    row = store.connection().execute(
        f"SELECT {COLUMNS} FROM runs r WHERE id = ?", (run_id(name),)
    ).fetchone()  # fmt: skip
    return lines(store, [row])[0]


def test_a_line_says_what_came_in_and_out(store: Store) -> None:
    chat = line(store, "chat")
    assert (chat.input, chat.output) == ('user: "HTTP?"', 'text: "A protocol."')
    assert (chat.run.total_tokens, chat.stars) == (7, "helpful: 0.5")


def test_a_line_of_a_failed_run_has_its_error_in_one_line(store: Store) -> None:
    assert line(store, "failed").output == "X: no"


def test_a_line_of_a_large_run_reads_the_beginning_alone(store: Store) -> None:
    large = line(store, "large")
    assert large.input.startswith('{"q": "xxx') and large.input.endswith("…")
    assert large.output == 'a: "b"'


def test_a_column_is_held_whole_up_to_a_size_and_else_as_it_begins(store: Store) -> None:
    connection, large = store.connection(), run_id("large")
    found = held(connection, large, ("inputs", "outputs", "error"), most=1_000, begin=10)
    assert found["inputs"] == Held('{"q": "xxx', 600_009, True)
    assert found["inputs"].value("nothing") == "nothing"
    assert found["outputs"].value() == {"a": "b"}
    assert found["error"] == Held(None, 0, False)


def test_a_run_that_was_deleted_meanwhile_holds_nothing(store: Store) -> None:
    assert held(store.connection(), "gone", ("inputs",), most=9, begin=9)["inputs"].text is None


def test_the_time_to_the_first_token_counts_from_the_start(store: Store) -> None:
    store.connection().execute("UPDATE runs SET first_token_time = start_time + 250000")
    row = store.connection().execute(f"SELECT {COLUMNS} FROM runs r LIMIT 1").fetchone()
    assert record(row).first_token_seconds == 0.25
