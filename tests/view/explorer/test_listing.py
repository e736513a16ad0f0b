"""The explorer's list asks for what is newer, notices what changed, and seldom reads all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from helpers.view import ReadError
from helpers.view.explorer import listing
from helpers.view.explorer.listing import Listing
from tests.view.explorer.kept import Kept, run


def now() -> datetime:
    return datetime.now(UTC)


def names(made: Listing) -> list[str]:
    return [row["name"] for row in made.rows]


def looked(source: Kept) -> Listing:
    """Return a list that was read, and looked at once since."""
    made = Listing(source)
    made.all()
    made.news()
    source.asked.clear()
    return made


def test_a_look_without_news_reads_no_list():
    source = Kept(run("first"), run("second"))
    made = looked(source)
    assert made.news() == set() and [asked[0] for asked in source.asked] == ["recent"]
    assert now() - source.asked[0][2] < listing.LATE + timedelta(seconds=10)


def test_a_new_trace_is_read_without_those_before_it():
    source = Kept(run("first"), run("second"))
    made, third = looked(source), run("third", start=now())
    source.kept.append(third)
    assert made.news() == {"third"} and names(made) == ["third", "second", "first"]
    assert source.asked[-1] == ("roots", "", "", listing.MOST, third.start)


def test_a_trace_that_ends_is_read_again_however_long_it_took():
    source = Kept(run("long", status="pending"), run("second"))
    made = looked(source)
    source.put(replace(source.kept[0], status="success"))
    assert made.news() == {"long"} and made.rows[-1]["status"] == "success"
    assert made.news() == set()


def test_a_child_that_comes_late_is_noticed():
    source = Kept(run("root", start=now()))
    made = looked(source)
    late = run("late", trace_id="root", start=now())
    source.put(replace(source.kept[0], children=(late,)))
    assert made.news() == {"root"} and names(made) == ["root"]


def test_what_is_new_and_does_not_pass_is_not_listed():
    source = Kept(run("first"))
    made = Listing(source)
    made.search = "first"
    made.all()
    source.kept.append(run("other", start=now()))
    assert made.news() == {"other"} and names(made) == ["first"]


def test_what_the_first_page_left_out_comes_with_the_next_look():
    source = Kept(run("first"), run("second"))
    made = Listing(source)
    made.all(1)
    assert names(made) == ["second"]
    made.news()
    assert names(made) == ["second", "first"]


def test_all_is_read_again_after_a_while(monkeypatch: pytest.MonkeyPatch):
    source = Kept(run("first"), run("second"))
    made = looked(source)
    source.kept.pop()
    made.news()
    assert names(made) == ["second", "first"]
    monkeypatch.setattr(listing, "ALL_SECONDS", 0)
    made.news()
    assert names(made) == ["first"]


def test_what_could_not_be_read_is_news_the_next_time():
    source = Kept(run("first"))
    made = looked(source)
    source.kept.append(run("second", start=now()))
    source.broken = True
    with pytest.raises(ReadError):
        made.news()
    source.broken = False
    assert names(made) == ["first"] and made.news() == {"second"} and len(made.rows) == 2
