"""The table of lessons that were run live, in the README: as it is drawn, read and counted."""

from __future__ import annotations

import pytest

from tests.live.running import LESSONS
from tests.live.table import PROVIDERS, README, read, recounted, written

EMPTY = "before\n<!-- live:scripted -->\n<!-- /live:scripted -->\nafter\n"
FIRST, SECOND = ("00", 2, 115, 20, 4, 0), ("01", 4, 1223, 31, 10, 1)


def test_what_is_written_is_read_again():
    text = written(EMPTY, "scripted", [SECOND, FIRST])
    assert read(text, "scripted") == [FIRST, SECOND]
    assert text.startswith("before\n") and text.endswith("after\n")


def test_the_sums_stand_beneath():
    assert "| all | 6 | 1,338 | 51 | 14 | 1 |" in written(EMPTY, "scripted", [FIRST, SECOND])


def test_a_lesson_that_was_not_run_keeps_its_row():
    text = written(EMPTY, "scripted", [FIRST, SECOND])
    again = ("00", 3, 200, 25, 4, 0)
    assert read(written(text, "scripted", [again]), "scripted") == [again, SECOND]


def test_a_readme_without_a_place_for_it_is_named():
    with pytest.raises(AssertionError, match="live:sampled"):
        read(EMPTY, "sampled")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_readme_has_the_cells_of_each_lesson_as_they_are(provider: str):
    """After a change of cells: ``python -m tests.live.table``."""
    text = README.read_text("utf-8")
    assert recounted(text, provider) == text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_readme_has_every_lesson(provider: str):
    rows = read(README.read_text("utf-8"), provider)
    assert [row[0] for row in rows] == [path.name[:2] for path in LESSONS]
