"""What this process was shown already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpers import session
from helpers.traces.book import Book, began, book_of
from helpers.view import Run, Trace

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass
class Root:
    """A root run as the API gives it."""

    id: str
    start_time: datetime
    end_time: datetime | None = None


def root(name: str, minute: int, *, ended: bool = True) -> Root:
    start = NOON + timedelta(minutes=minute)
    return Root(name, start, start + timedelta(seconds=30) if ended else None)


def trace(of: Root) -> Trace:
    run = Run(
        id=of.id,
        trace_id=of.id,
        name="define",
        run_type="chain",
        status="success" if of.end_time else "pending",
        start=of.start_time,
        end=of.end_time,
    )
    return Trace(root=run, project="p")


def test_what_was_returned_is_not_new_to_either_question():
    book, first = Book(), root("a", 0)
    book.note(None, [first], [trace(first)], asked=NOON + timedelta(minutes=1))
    assert not book.is_new(first, None) and not book.is_new(first, "define")


def test_what_began_later_is_new():
    book, first = Book(), root("a", 0)
    book.note(None, [first], [trace(first)], asked=NOON + timedelta(minutes=1))
    assert book.is_new(root("b", 2), None)


def test_what_has_not_ended_stays_new():
    book, open_one = Book(), root("a", 0, ended=False)
    book.note(None, [open_one], [], asked=NOON)
    assert book.is_new(root("a", 0), None)


def test_what_was_there_and_passed_over_is_not_new_by_name():
    book, first, second = Book(), root("a", 0), root("b", 1)
    book.note("define", [first, second], [trace(second)], asked=NOON + timedelta(minutes=2))
    assert not book.is_new(first, "define")


def test_a_trace_that_was_returned_with_fewer_runs_is_new_to_who_wants_more():
    book, first = Book(), root("a", 0)
    book.note(None, [first], [trace(first)], asked=NOON + timedelta(minutes=1))
    assert book.is_new(first, None, runs=2) and not book.is_new(first, None, runs=1)


def test_each_project_has_one_book():
    assert book_of("here", "p") is book_of("here", "p")
    assert book_of("here", "p") is not book_of("here", "q")


def test_traces_count_since_the_session_or_else_since_the_process():
    session.stop()
    assert began() < datetime.now(UTC)
    started = session.start("replay")
    assert began() == started.began
    session.stop()
