"""What is new to whom: by what was there, what had ended, and what was returned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpers import session
from helpers.traces.book import Book, began, book_of
from helpers.view import Run, Trace

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@dataclass
class Root:
    """A root run as the API gives it, from one second after noon to another."""

    id: str
    start: float
    end: float | None
    name: str = "define"

    @property
    def start_time(self) -> datetime:
        return NOON + timedelta(seconds=self.start)

    @property
    def end_time(self) -> datetime | None:
        return None if self.end is None else NOON + timedelta(seconds=self.end)

    @property
    def trace(self) -> Trace:
        status = "pending" if self.end is None else "success"
        return Trace(Run(self.id, self.id, self.name, self.start_time, status=status))


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_all_is_new_at_first_and_nothing_once_it_was_returned():
    book, root = Book(), Root("a", 0, 1)
    assert book.is_new(root, None) and book.is_new(root, "define")
    book.note(None, [root], [root.trace], asked=at(2))
    assert not book.is_new(root, None) and not book.is_new(root, "define")


def test_what_was_there_and_passed_over_is_not_new():
    book, first, second = Book(), Root("a", 0, 1), Root("b", 1, 2)
    book.note("define", [second, first], [second.trace], asked=at(3))
    assert not book.is_new(first, "define") and not book.is_new(first, None)


def test_what_was_asked_for_by_one_name_leaves_others_new_by_theirs():
    book, innocent, chat = Book(), Root("a", 0, 1, "innocent"), Root("b", 1, 2, "chat")
    book.note("chat", [chat], [chat.trace], asked=at(3))
    assert book.is_new(innocent, "innocent") and not book.is_new(innocent, None)


def test_what_began_earlier_and_ended_after_is_new():
    book, slow, quick = Book(), Root("a", 0, None), Root("b", 1, 2)
    book.note(None, [quick, slow], [quick.trace], asked=at(3))
    assert not book.is_new(slow, None)
    assert book.is_new(Root("a", 0, 4), None)
    assert book.first([quick, Root("a", 0, 4)], None)[0].id == "a"


def test_what_was_returned_while_it_ran_is_new_when_it_has_ended():
    book, draft = Book(), Root("a", 0, None)
    book.note(None, [draft], [draft.trace], asked=at(1))
    assert not book.is_new(draft, None) and book.is_new(Root("a", 0, 2), None)


def test_what_was_returned_with_fewer_runs_is_new_to_who_asks_for_more():
    book, root = Book(), Root("a", 0, 1)
    book.note(None, [root], [root.trace], asked=at(2))
    assert book.is_new(root, None, runs=2) and not book.is_new(root, None, runs=1)


def test_there_is_one_book_for_a_project_at_an_address():
    assert book_of("http://a", "p") is book_of("http://a", "p") is not book_of("http://b", "p")


def test_a_process_without_a_session_counts_since_it_started():
    assert session.current() is None
    assert began() < datetime.now(UTC) and began() == began()
