"""The state of the service: typed, and its writer there only while it is served."""

from __future__ import annotations

import asyncio
import gzip
import sqlite3
import time
from collections.abc import Iterable, Iterator

import pytest
from starlette.applications import Starlette

from helpers.langsmith_local import State, create_app, state_of
from helpers.langsmith_local.database import DatabaseError
from helpers.langsmith_local.state import Portions
from helpers.langsmith_local.store import Store
from helpers.serving.body import Body
from helpers.serving.bounds import QUICK_BYTES, WHOLE_BYTES


def test_the_state_is_found_through_its_application(app):
    assert isinstance(state_of(app), State)
    assert isinstance(state_of(app).store, Store)


def test_another_application_has_none():
    with pytest.raises(TypeError, match="not a State"):
        state_of(Starlette())


def test_writing_gets_the_store_and_returns_what_the_function_does(tmp_path):
    app = create_app(tmp_path / "langsmith.db")

    async def write() -> tuple[Store, int]:
        async with app.router.lifespan_context(app):
            return await state_of(app).write(lambda store, number: (store, number), 5)

    assert asyncio.run(write()) == (state_of(app).store, 5)


def test_nothing_is_written_before_the_service_runs_or_after(app):
    async def write() -> None:
        await state_of(app).write(lambda store: None)

    with pytest.raises(RuntimeError, match="only while it is served"):
        asyncio.run(write())


def test_who_tends_a_database_that_cannot_be_written_gives_up(app, monkeypatch):
    state, wrong = state_of(app), [DatabaseError("full"), sqlite3.OperationalError("locked")]

    def tend(store: Store) -> bool:
        raise wrong.pop()

    monkeypatch.setattr(Store, "tend", tend)
    assert (state.tend(), state.tend(), wrong) == (False, False, [])


def test_what_was_sent_is_indexed_while_nobody_waits(app, send, make_run):
    assert send(make_run(), make_run()).status_code == 202
    waiting = "SELECT 1 FROM unsettled UNION ALL SELECT 1 FROM unsearched"
    deadline = time.monotonic() + 30
    while (found := state_of(app).store.connection().execute(waiting).fetchone()) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.01)
    assert found is None


def portioned(app, keep) -> tuple[str, list[str]]:
    """Take a body in three portions while another writes; return the answer and what was done."""
    done: list[str] = []
    body = Body()
    body.add(b"x" * (QUICK_BYTES + 1))

    def check(store: Store, portion: str) -> None:
        done.append(f"check {portion}")

    def keeping(store: Store, portion: str) -> str:
        done.append(f"keep {portion}")
        return keep(portion)

    async def take() -> str:
        async with app.router.lifespan_context(app):
            state = state_of(app)
            portions = Portions(lambda pieces: iter("abc" if list(pieces) else ""), check, bool)
            taken = asyncio.create_task(
                state.take(body, "", lambda store, content: "", keeping, portions)
            )
            while "keep a" not in done and not taken.done():
                await state.write(lambda store: done.append("other"))
            return await taken

    try:
        return asyncio.run(take()), done
    finally:
        body.drop()


def test_a_large_body_is_checked_before_it_is_kept_and_others_come_between(app):
    answer, done = portioned(app, lambda portion: "")
    assert answer == ""
    own = [each for each in done if each != "other"]
    assert own == [f"{step} {portion}" for step in ("check", "keep") for portion in "abc"]
    assert "other" in done[done.index("check a") : done.index("keep a")]


@pytest.mark.parametrize(
    ("size", "expected"),
    [(WHOLE_BYTES, ["whole"]), (WHOLE_BYTES + 1, ["portions", "portions"])],
    ids=["not", "yes"],
)
def test_only_what_is_very_large_is_read_twice(app, size, expected):
    read: list[str] = []
    body = Body()
    body.add(gzip.compress(b"x" * size))

    def reading(store: Store, content: bytes) -> str:
        read.append("whole")
        return ""

    def split(pieces: Iterable[bytes]) -> Iterator[str]:
        read.append("portions")
        yield str(sum(map(len, pieces)))

    async def take() -> None:
        async with app.router.lifespan_context(app):
            portions = Portions(split, lambda store, portion: None, lambda portion: False)
            await state_of(app).take(body, "gzip", reading, lambda store, one: one, portions)

    asyncio.run(take())
    body.drop()
    assert read == expected


def test_a_database_that_fails_between_two_portions_says_what_is_stored(app):
    def keep(portion: str) -> str:
        if portion == "b":
            raise DatabaseError("full")
        return ""

    with pytest.raises(DatabaseError, match="full") as failed:
        portioned(app, keep)
    assert failed.value.__notes__ == [
        "A part of this request was stored; sent again, all of it is."
    ]
